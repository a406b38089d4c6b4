# What a manifest can call. `_host` does the work: it takes the name of what is wanted, and gives back what is wrong, or None.


class ManifestFileError(Exception):
    pass


class Options:
    """What include() and require() were given beyond their own arguments; a name that nobody has given is None."""

    def __init__(self, given):
        self._given = given
        self._defaults = {}

    def defaults(self, **values):
        self._defaults = values

    def __getattr__(self, name):
        return self._given.get(name, self._defaults.get(name))


def _do(what, *arguments):
    wrong = _host(what, *arguments)
    if wrong is not None:
        raise ManifestFileError(wrong)


def _names(files):
    return files if files is None or isinstance(files, str) else list(files)


def metadata(
    description=None, version=None, license=None, author=None, stdlib=False, pypi=None, pypi_publish=None
):
    _do("metadata", description, version, license, author)


def include(manifest_path, **options):
    if isinstance(manifest_path, str):
        _do("include", manifest_path, options)
    else:
        for path in manifest_path:
            include(path, **options)


def require(name, version=None, pypi=None, library=None, **options):
    _do("require", name, library, options)


def add_library(library, library_path, prepend=False):
    _do("add_library", library, library_path, bool(prepend))


def package(package_path, files=None, base_path=".", opt=None):
    _do("package", package_path, _names(files), base_path, opt)


def module(module_path, base_path=".", opt=None):
    _do("module", module_path, base_path, opt)


def freeze(path, script=None, opt=None):
    _do("freeze", path, _names(script), opt)


def freeze_as_str(path):
    _do("freeze_as_str", path, None, None)


def freeze_as_mpy(path, script=None, opt=None):
    _do("freeze_as_mpy", path, _names(script), opt)


def freeze_mpy(path, script=None, opt=None):
    _do("freeze_mpy", path, _names(script), opt)

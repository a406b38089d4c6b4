# Installs packages over the network, with the messages and the protocol of micropython-lib's mip 0.4.2.

import sys
import requests
from micropython import const

_PACKAGE_INDEX = const("https://micropython.org/pi/v2")
_CHUNK_SIZE = const(128)

allowed_mip_url_prefixes = ("http://", "https://", "github:", "gitlab:")


# Makes the folders that a file lies in.
def _ensure_path_exists(path):
    import os

    end = path.find("/", 1)
    while end >= 0:
        folder = path[:end]
        try:
            os.stat(folder)
        except:
            os.mkdir(folder)
        end = path.find("/", end + 1)


# Hands a stream's contents on, piece by piece.
def _chunk(src, dest):
    piece = memoryview(bytearray(_CHUNK_SIZE))
    n = src.readinto(piece)
    while n:
        dest(piece if n == _CHUNK_SIZE else piece[:n])
        n = src.readinto(piece)


# Is the file there, with a hash that begins like this?
def _check_exists(path, short_hash):
    try:
        from binascii import hexlify
        from hashlib import sha256

        digest = sha256()
        with open(path, "rb") as file:
            _chunk(file, digest.update)
        return str(hexlify(digest.digest()), "utf-8")[: len(short_hash)] == short_hash
    except:
        return False


# Where `github:owner/repository/path` and `gitlab:…` are to be had.
def _rewrite_url(url, branch=None):
    for prefix, site, raw in (
        ("github:", "https://raw.githubusercontent.com/", "/"),
        ("gitlab:", "https://gitlab.com/", "/-/raw/"),
    ):
        if url.startswith(prefix):
            owner, repository, *path = url[len(prefix) :].split("/")
            return site + owner + "/" + repository + raw + (branch or "HEAD") + "/" + "/".join(path)
    return url


def _download_file(url, dest):
    response = requests.get(url)
    try:
        if response.status_code != 200:
            print("Error", response.status_code, "requesting", url)
            return False
        print("Copying:", dest)
        _ensure_path_exists(dest)
        with open(dest, "wb") as file:
            _chunk(response.raw, file.write)
    finally:
        response.close()
    return True


def _install_json(package_json_url, index, target, version, mpy):
    response = requests.get(_rewrite_url(package_json_url, version))
    try:
        if response.status_code != 200:
            print("Package not found:", package_json_url)
            return False
        package = response.json()
    finally:
        response.close()
    for path, short_hash in package.get("hashes", ()):
        dest = target + "/" + path
        if _check_exists(dest, short_hash):
            print("Exists:", dest)
        elif not _download_file("{}/file/{}/{}".format(index, short_hash[:2], short_hash), dest):
            print("File not found:", path, short_hash)
            return False
    base = package_json_url.rpartition("/")[0]
    for path, url in package.get("urls", ()):
        if base and not any(map(url.startswith, allowed_mip_url_prefixes)):
            url = base + "/" + url
        if not _download_file(_rewrite_url(url, version), target + "/" + path):
            print("File not found:", path, url)
            return False
    for name, wanted in package.get("deps", ()):
        if not _install_package(name, index, target, wanted, mpy):
            return False
    return True


def _install_package(package, index, target, version, mpy):
    if not any(map(package.startswith, allowed_mip_url_prefixes)):
        version = version or "latest"
        print("Installing {} ({}) from {} to {}".format(package, version, index, target))
        kind = "py"
        if mpy and hasattr(sys.implementation, "_mpy"):
            kind = sys.implementation._mpy & 0xFF
        return _install_json(
            "{}/package/{}/{}/{}.json".format(index, kind, package, version), index, target, version, mpy
        )
    if package.endswith(".py") or package.endswith(".mpy"):
        print("Downloading", package, "to", target)
        return _download_file(_rewrite_url(package, version), target + "/" + package.rsplit("/")[-1])
    if not package.endswith(".json"):
        package += "package.json" if package.endswith("/") else "/package.json"
    print("Installing", package, "to", target)
    return _install_json(package, index, target, version, mpy)


def install(package, index=None, target=None, version=None, mpy=True):
    if not target:
        for target in sys.path:
            if target.endswith("/lib") and not target.startswith("/rom"):
                break
        else:
            print("Unable to find lib dir in sys.path")
            return
    if _install_package(package, (index or _PACKAGE_INDEX).rstrip("/"), target, version, mpy):
        print("Done")
    else:
        print("Package may be partially installed")


__version__ = "0.4.2"

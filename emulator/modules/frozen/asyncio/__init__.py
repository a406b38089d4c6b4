from .core import *

__version__ = (3, 0, 0)

# The names that are loaded when somebody asks for them, and from where.
_attrs = {}
for _module, _names in (
    ("event", ("Event", "ThreadSafeFlag")),
    ("funcs", ("gather", "wait_for", "wait_for_ms")),
    ("lock", ("Lock",)),
    ("stream", ("StreamReader", "StreamWriter", "open_connection", "start_server")),
):
    for _name in _names:
        _attrs[_name] = _module
del _module, _names, _name


def __getattr__(attr):
    if attr not in _attrs:
        raise AttributeError(attr)
    module = __import__(_attrs[attr], globals(), None, True, 1)
    value = getattr(module, attr)
    globals()[attr] = value
    return value

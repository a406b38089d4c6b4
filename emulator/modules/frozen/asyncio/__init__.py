from .core import *

__version__ = (3, 0, 0)

# What is loaded only when somebody asks for it, and where it is.
_attrs = {
    "wait_for": "funcs",
    "wait_for_ms": "funcs",
    "gather": "funcs",
    "Event": "event",
    "ThreadSafeFlag": "event",
    "Lock": "lock",
    "open_connection": "stream",
    "start_server": "stream",
    "StreamReader": "stream",
    "StreamWriter": "stream",
}


def __getattr__(attr):
    home = _attrs.get(attr, None)
    if home is None:
        raise AttributeError(attr)
    found = getattr(__import__(home, globals(), None, True, 1), attr)
    globals()[attr] = found
    return found

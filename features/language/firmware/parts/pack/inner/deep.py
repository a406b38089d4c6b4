from .. import origin


def up():
    return origin

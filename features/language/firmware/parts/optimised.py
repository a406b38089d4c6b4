def check(flag):
    assert flag, "checked"


def fail():
    raise ValueError("unchecked")

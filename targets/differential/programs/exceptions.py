# Raising, handling, chaining, finally on every way out, with statements.
class Trouble(Exception):
    pass


class Worse(Trouble):
    def __init__(self, level):
        super().__init__("level %d" % level, level)
        self.level = level


class Guard:
    def __init__(self, name, swallow=False):
        self.name, self.swallow = name, swallow

    def __enter__(self):
        print("enter", self.name)
        return self

    def __exit__(self, kind, value, trace):
        print("exit", self.name, kind and kind.__name__, value)
        return self.swallow


def ways(n):
    for i in range(3):
        try:
            with Guard("g%d" % i, n == 4):
                if n == 0:
                    return "returned"
                if n == 1:
                    break
                if n == 2:
                    continue
                if n in (3, 4):
                    raise Worse(n)
                print("plain", i)
        except Trouble as e:
            print("caught", e, e.args, getattr(e, "level", None))
            if n == 3:
                raise ValueError("again") from e
        else:
            print("else", i)
        finally:
            print("finally", n, i)
    return "end"


for n in range(6):
    try:
        print(ways(n))
    except ValueError as e:
        print("out", type(e).__name__, e)

errors = (
    lambda: 1 / 0,
    lambda: [][1],
    lambda: {}["key"],
    lambda: "x" + 1,
    lambda: undefined,
    lambda: (1).bit,
    lambda: int("z"),
    lambda: next(iter([])),
    lambda: [1, 2].remove(3),
    lambda: "abc".index("z"),
    lambda: bytes([300]),
    lambda: (lambda x: x)(),
    lambda: (lambda: 0)(1),
    lambda: (lambda *, k: k)(),
    lambda: chr(-1),
    lambda: "%d" % "x",
    lambda: "{:d}".format("x"),
    lambda: [1, "a"].sort(),
    lambda: exec("a ="),
    lambda: exec("return"),
    lambda: exec("def f(a, a): pass"),
    lambda: __import__("no_such_module"),
)
for f in errors:
    try:
        f()
        print("nothing raised")
    except Exception as e:
        print(type(e).__name__, e)


def deep(n):
    try:
        if n == 0:
            raise KeyError("bottom")
        return deep(n - 1)
    finally:
        if n % 4 == 0:
            print("unwound", n)


try:
    deep(9)
except KeyError as e:
    print(repr(e), isinstance(e, LookupError))

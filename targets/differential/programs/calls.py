# Arguments of every kind, and what is said about wrong ones.
def f(a, b=2, *args, c, d=4, **kw):
    return (a, b, args, c, d, sorted(kw.items()))
def g(a, b):
    return (a, b)
def h(*, k=1):
    return k
def p(a, b=1):
    return (a, b)
def show(fun, *args, **kw):
    try:
        print(fun(*args, **kw))
    except Exception as e:
        print(type(e).__name__, e)
show(f, 1, c=3)
show(f, 1, 2, 3, 4, c=5, z=6, d=7)
show(f, *[1, 2], *(3,), c=1, **{"x": 1}, **{"y": 2})
show(f, 1)
show(f, c=1)
show(f, 1, a=2, c=3)
show(g, 1)
show(g, 1, 2, 3)
show(g, b=1, a=2)
show(g, 1, c=2)
show(g, 1, a=2)
show(g, **{"a": 1})
show(h, 1)
show(h, k=5)
show(h, j=5)
show(p)
show(p, b=3)
show(lambda: 0, 1)
show(len)
show(len, 1, 2)
show(len, [], x=1)
show(print, 1, 2, sep="-", end="!\n")
show(print, nothing=1)
show(int, "z", 36)
show(int, "12", base=3)
show(sorted, [3, 1], key=lambda v: -v, reverse=True)
show([].append)
show([].append, 1, 2)
show(list.append, 1, 2)
show("x".join, 1)
show("{} {}".format, 1)
show("{a}".format)
show(dict, [(1, 2)], a=3)
show(dict, [1])
show(1)
show(None)
show(max)
show(max, 1, 2, key=str)
show(range)
show(range, 1, 2, 0)
show(enumerate, "ab", start=5)
show(zip)
show(object, 1)
show(type, 1, 2)
def default(x=[]):
    x.append(1)
    return x
print(default(), default(), default([0]))
def decorate(tag):
    def wrap(fun):
        def inner(*args, **kw):
            return (tag, fun(*args, **kw))
        return inner
    return wrap
@decorate("outer")
@decorate("inner")
def decorated(x, y=1):
    return x + y
print(decorated(1), decorated(1, y=5), decorated.__name__)
print((lambda *a, **k: (a, k))(1, *"ab", k=2), (lambda a, b=1: (a, b))(b=3, a=4))
def annotated(a: int, b: "str" = 2) -> None:
    return (a, b)
print(annotated(1))
def recursive(n):
    return n * recursive(n - 1) if n else 1
print(recursive(25))

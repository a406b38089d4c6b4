# Closures, nonlocal, global, defaults, keywords, star arguments, lambdas, decorators, comprehension scopes.
total = 0


def outer():
    count = 0

    def step(by=1, *more, label="n", **rest):
        nonlocal count
        global total
        count += by + sum(more)
        total += 1
        return label, count, sorted(rest.items())

    return step


s = outer()
print(s(), s(2), s(1, 2, 3), s(label="x", z=1, a=2), s(*(1, 1), **{"label": "y"}), total)


def logged(prefix):
    def wrap(f):
        def inner(*args, **kw):
            print(prefix, args, sorted(kw.items()))
            return f(*args, **kw)

        return inner

    return wrap


@logged("call")
@logged("again")
def add(a, b=10):
    return a + b


print(add(1), add(1, b=2))
fs = [lambda n, i=i: (n, i) for i in range(3)] + [lambda n: (n, "late") for i in range(2)]
print([f(9) for f in fs])


def default(x=[]):
    x.append(len(x))
    return x


print(default(), default(), default([5]))
x = "global"


def shadow():
    try:
        print(x)
    except NameError as e:
        print(type(e).__name__, e)
    x = "local"
    return [x for x in "ab"], x


print(shadow(), x)
print((lambda *a, **k: (a, k))(1, 2, z=3), [y := 5, y + 1], (n := 3) + n)


class Scope:
    x = "class"
    y = [x for _ in range(2)] if False else x

    def get(self):
        return x


print(Scope.y, Scope().get())
exec("x = 'exec'; print(x)", {"x": 1})
print(eval("a + b", {"a": 1}, {"b": 2}) if True else 0, x)
i = 0
while True:
    i += 1
    if i % 2:
        continue
    if i > 6:
        break
else:
    print("no")
for j in range(3):
    pass
else:
    print("for ended", j, i)
assert i == 8, "message"
del i
try:
    i
except NameError as e:
    print(e)

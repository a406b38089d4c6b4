# Loops, exceptions, finally, with, generators, coroutines.
def flow(n):
    out = []
    for i in range(n):
        try:
            if i == 1:
                continue
            if i == 3:
                break
            out.append(i)
        finally:
            out.append("f%d" % i)
    else:
        out.append("else")
    return out
print(flow(3), flow(6))
def returns():
    for i in range(3):
        try:
            return i
        finally:
            if i == 0:
                continue
print(returns())
def nested():
    try:
        try:
            1 / 0
        finally:
            print("inner")
    except ZeroDivisionError as e:
        print("caught", e)
        try:
            raise KeyError("k")
        except KeyError as k:
            print("second", repr(k))
    else:
        print("never")
    finally:
        print("outer")
nested()
class Manager:
    def __init__(self, name, swallow=False):
        self.name = name
        self.swallow = swallow
    def __enter__(self):
        print("enter", self.name)
        return self.name
    def __exit__(self, t, v, tb):
        print("exit", self.name, t, v)
        return self.swallow
with Manager("a") as a, Manager("b", True) as b:
    print(a, b)
    raise ValueError("in b")
def leave():
    with Manager("c"):
        return "left"
print(leave())
def gen():
    try:
        got = yield 1
        print("got", got)
        try:
            yield 2
        except ValueError as e:
            print("thrown", e)
            yield 3
        return "done"
    finally:
        print("closed")
g = gen()
print(next(g), g.send("hello"), g.throw(ValueError("v")))
try:
    next(g)
except StopIteration as e:
    print("stop", e.value, e.args)
g = gen()
next(g)
g.close()
def delegate():
    result = yield from gen()
    print("result", result)
    yield from (10, 20)
print(list(delegate()))
def bad():
    raise StopIteration
    yield
try:
    list(bad())
except RuntimeError as e:
    print(repr(e))
class Awaitable:
    def __await__(self):
        got = yield "waiting"
        return got
class AsyncManager:
    async def __aenter__(self):
        print("aenter")
        return self
    async def __aexit__(self, *args):
        print("aexit", args[0])
class AsyncRange:
    def __init__(self, n):
        self.n = n
    def __aiter__(self):
        return self
    async def __anext__(self):
        if not self.n:
            raise StopAsyncIteration
        self.n -= 1
        return self.n
class Wait:
    def __iter__(self):
        got = yield "waiting"
        return got
    __await__ = __iter__
async def main():
    async with AsyncManager():
        async for i in AsyncRange(3):
            print("async", i)
        return await Wait()
c = main()
print(c.send(None))
try:
    c.send("value")
except StopIteration as e:
    print("returned", e.value)
squares = [x * x for x in range(5) if x % 2]
print(squares, {x: y for x, y in zip("ab", squares)}, {x % 3 for x in range(9)}, list(x for x in squares))
x = "outer"
print([x for x in range(2)], x)
a, (b, *c), d = 1, (2, 3, 4), 5
print(a, b, c, d)
*a, b = "xyz"
print(a, b)
while (n := len(a)) > 0:
    a.pop()
    print(n)
try:
    a, b = 1, 2, 3
except ValueError as e:
    print(e)
try:
    a, *b, c = [1]
except ValueError as e:
    print(e)
def counter():
    n = 0
    def inc(by=1):
        nonlocal n
        n += by
        return n
    return inc
c1, c2 = counter(), counter()
print(c1(), c1(5), c2())
def unbound():
    print(local)
    local = 1
try:
    unbound()
except NameError as e:
    print(type(e).__name__, e)
del x
try:
    x
except NameError as e:
    print(e)
def deep(n):
    return deep(n + 1)
try:
    deep(0)
except RuntimeError as e:
    print(e)

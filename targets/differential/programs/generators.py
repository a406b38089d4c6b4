# Generators: send, throw, close, delegation, and what is left when they end.
def counter(stop):
    n = 0
    try:
        while n < stop:
            got = yield n
            n = got if got is not None else n + 1
    except ValueError as e:
        yield "caught %s" % e
    finally:
        print("counter ends at", n)
    return "done"


def outer(stop):
    result = yield from counter(stop)
    yield result


print(list(outer(3)))
g = outer(10)
print(next(g), g.send(5), next(g), g.throw(ValueError("bad")))
try:
    while True:
        print(next(g))
except StopIteration as e:
    print("stop", e.value)

g = counter(5)
next(g)
g.close()
print(next(g, "ended"))


def chain(*sources):
    for s in sources:
        yield from s


print(list(chain("ab", (1, 2), {3: 4}, range(2), (x * x for x in [7]))))


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n


print(list(Countdown(3)), sum(Countdown(5)), 2 in Countdown(4), dict(enumerate(Countdown(3))))


def stopper():
    yield 1
    raise StopIteration(3)


try:
    print(list(stopper()))
except RuntimeError as e:
    print(type(e).__name__, e)


def primes():
    found = []
    n = 2
    while True:
        if all(n % p for p in found):
            found.append(n)
            yield n
        n += 1


p = primes()
print([next(p) for _ in range(12)])

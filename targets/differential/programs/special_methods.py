# Lookup through bases, special methods and their reflected forms, properties, super.
class Base:
    count = 0

    def __init__(self, name):
        self.name = name
        Base.count += 1

    def __repr__(self):
        return "<%s %s>" % (type(self).__name__, self.name)

    def greet(self):
        return "base " + self.name


class Left(Base):
    def greet(self):
        return "left " + super().greet()


class Right(Base):
    def greet(self):
        return "right " + super().greet()


class Both(Left, Right):
    @property
    def loud(self):
        return self.name.upper()

    @loud.setter
    def loud(self, value):
        self.name = value.lower()

    @classmethod
    def make(cls, n):
        return [cls("n%d" % i) for i in range(n)]

    @staticmethod
    def twice(x):
        return x * 2


b = Both("Ann")
print(b, b.greet(), b.loud, Both.make(2), b.twice(4), Base.count)
b.loud = "BEN"
print(b.name, isinstance(b, Right), issubclass(Both, Left), issubclass(Left, Right))


class Vector:
    def __init__(self, *items):
        self.items = items

    def __add__(self, other):
        return Vector(*(a + b for a, b in zip(self.items, other.items)))

    def __rmul__(self, k):
        return Vector(*(k * a for a in self.items))

    def __eq__(self, other):
        return self.items == other.items

    def __lt__(self, other):
        return sum(self.items) < sum(other.items)

    def __getitem__(self, i):
        return self.items[i]

    def __len__(self):
        return len(self.items)

    def __contains__(self, x):
        return x in self.items

    def __call__(self, f):
        return Vector(*map(f, self.items))

    def __hash__(self):
        return 7

    def __bool__(self):
        return any(self.items)

    def __getattr__(self, name):
        if name in "xyz":
            return self.items["xyz".index(name)]
        raise AttributeError(name)

    def __str__(self):
        return "V" + str(self.items)


v, w = Vector(1, 2, 3), Vector(4, 5, 6)
print(v + w, 3 * v, v == Vector(1, 2, 3), v < w, v[-1], v[1:], len(w), 5 in w, v(lambda n: n * n))
print(bool(Vector(0, 0)), v.x, v.z, {v: 1}[Vector(1, 2, 3)], list(v), min(v, w) == v)
for bad in (lambda: v.q, lambda: v + 1, lambda: v * 3, lambda: Both(), lambda: Base.greet()):
    try:
        print(bad())
    except Exception as e:
        print(type(e).__name__, e)

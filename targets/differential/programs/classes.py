# Lookup, inheritance, special methods, descriptors, properties.
class Base:
    shared = ["base"]
    def __init__(self, *args, **kw):
        self.args = args
        self.kw = sorted(kw.items())
    def who(self):
        return "Base"
    def __str__(self):
        return "str %s" % (self.args,)
    def __repr__(self):
        return "%s%r%r" % (type(self).__name__, self.args, self.kw)
class Left(Base):
    def who(self):
        return "Left>" + super().who()
class Right(Base):
    def who(self):
        return "Right>" + super().who()
    def __len__(self):
        return 3
class Both(Left, Right):
    def __bool__(self):
        return False
b = Both(1, 2, z=1, a=2)
print(b.who(), b, repr(b), len(b), bool(b), bool(Right()), Both.__bases__, isinstance(b, Right), issubclass(Both, (int, Left)))
Both.shared.append("more")
print(Base.shared, hasattr(b, "nothing"), getattr(b, "nothing", None))
class Field:
    def __set_name__(self, owner, name):
        print("set_name", owner.__name__, name)
        self.name = "_" + name
    def __get__(self, obj, owner):
        return owner.__name__ if obj is None else getattr(obj, self.name, "unset")
    def __set__(self, obj, value):
        setattr(obj, self.name, value * 2)
    def __delete__(self, obj):
        print("delete", self.name)
class Record:
    x = Field()
    y = Field()
    @property
    def area(self):
        return self.x * self.y
    @area.setter
    def area(self, value):
        self.x = value
    @area.deleter
    def area(self):
        print("area gone")
    @staticmethod
    def made(n):
        return ("static", n)
    @classmethod
    def named(cls, n):
        return (cls.__name__, n)
r = Record()
print(r.x)
r.x = 3
r.y = 5
print(r.x, r.y, r.area)
r.area = 7
print(r.x, Record.made(1), r.named(2), Record.named(3))
del r.x, r.area
class Lazy:
    def __getattr__(self, name):
        if name.startswith("x"):
            return name.upper()
        raise AttributeError(name)
    def __setattr__(self, name, value):
        print("set", name, value)
        object.__setattr__(self, name, value)
    def __delattr__(self, name):
        print("del", name)
        object.__delattr__(self, name)
l = Lazy()
l.a = 1
print(l.a, l.xy)
del l.a
try:
    l.a
except AttributeError as e:
    print(repr(e))
class Number:
    def __init__(self, n):
        self.n = n
    def __add__(self, o):
        return Number(self.n + getattr(o, "n", o))
    __radd__ = __add__
    def __iadd__(self, o):
        self.n += 100
        return self
    def __eq__(self, o):
        return self.n == getattr(o, "n", o)
    def __lt__(self, o):
        return self.n < getattr(o, "n", o)
    def __hash__(self):
        return hash(self.n)
    def __neg__(self):
        return Number(-self.n)
    def __getitem__(self, i):
        return (self.n, i)
    def __contains__(self, x):
        return x == self.n
    def __call__(self, *a, **k):
        return (a, k)
    def __repr__(self):
        return "N%d" % self.n
n = Number(3)
print(n + 4, 4 + n, n + n, -n, n == 3, n != 3, n < Number(4), sorted([Number(3), Number(1), Number(2)]))
n += 1
print(n, n[1:2], n[..., None] if False else n[1, 2], 103 in n, n(1, b=2), {Number(5): 1}[Number(5)], sum([Number(1), Number(2)]))
for f in (lambda: n - 1, lambda: n > 2, lambda: n < "x", lambda: len(n), lambda: n.nothing, lambda: Number(), lambda: int(n), lambda: iter(Base())):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)
class Listy(list):
    def __init__(self, *a):
        super().__init__(a)
        self.extra = 1
    def append(self, x):
        super().append(x * 2)
k = Listy(3, 1, 2)
k.append(5)
k.sort()
print(k, len(k), k[1:], k == [1, 2, 3, 10], k.extra, isinstance(k, list), list(k), k + [0], 10 in k)
class Error(ValueError):
    def __init__(self, code, *rest):
        super().__init__("code %d" % code, *rest)
        self.code = code
try:
    raise Error(7, "x")
except ValueError as e:
    print(repr(e), e, e.args, e.code, isinstance(e, LookupError))
C = type("C", (Base,), {"m": lambda self: self.args})
print(C(9).m(), C.__name__, C)

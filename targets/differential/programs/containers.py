# Order of dicts and sets, slices, sorting, views, unusual keys.
from collections import OrderedDict, deque, namedtuple
d = {}
for i in range(40):
    d[(i * 7919) % 101] = i
    if i % 3 == 0:
        d.pop((i * 7919) % 101)
    if i % 8 == 0:
        print(d)
for word in "the quick brown fox jumps over the lazy dog again and again".split():
    d[word] = d.get(word, 0) + 1
print(d, len(d), "fox" in d)
print(d.keys(), d.values(), list(d.items())[:3], d.pop("fox"), d.pop("cow", None), d.setdefault("ant", 5), d.popitem())
s = set(i * i % 31 for i in range(20))
print(s, s | {1, 100}, s & {1, 2, 3, 4, 5}, s - {0, 1}, s ^ {0, 99}, s > {1, 4}, s.isdisjoint({77}))
s.discard(4)
s.add(400)
s.update("xyz")
print(s, s.pop(), len(s), sorted(map(str, s)))
print({1: 1, True: 2, 1.0: 3}, {None: 1, "": 2, (): 3}.get(""), {b"a": 1}.get("a"), {2**40: 1}[2**40])
o = OrderedDict([("z", 1), ("y", 2), ("x", 3)])
o["a"] = 4
del o["y"]
print(o, list(o), o.popitem(), o == OrderedDict([("z", 1), ("x", 3)]))
l = list(range(10))
print(l[:], l[2:5], l[::-1], l[8:2:-2], l[-3:], l[20:30], l[5:2], l[::3], l[-1:-4:-1])
l[2:5] = list("abcdef")
del l[:2]
l[-1:] = []
l[0] = l[1]
print(l, l.index("c"), l.count("b"), l.pop(2), l.pop(), l)
l.insert(2, "new")
l.extend((1, 2))
l.reverse()
l.remove("new")
print(l, l * 2 == l + l, [1, 2] < [1, 3], [1, 2, 3] > [1, 2], [] == [], [[1]] * 2)
data = [(5, "e"), (3, "b"), (5, "a"), (1, "z"), (3, "c"), (4, "d")] * 3
print(sorted(data), sorted(data, key=lambda p: p[0]), sorted(data, key=lambda p: p[1], reverse=True))
log = []
def key(v):
    log.append(v)
    return v % 5
print(sorted(range(12), key=key), log)
print(min(data), max(data, key=lambda p: p[1]), min([], default="none"), sum(range(5), 10), any([0, "", 3]), all([]))
print(list(zip("abc", range(9))), list(enumerate("ab", 3)), list(map(lambda a, b: a * b, [1, 2], [3, 4])), list(filter(None, [0, 1, "", "x"])), list(reversed((1, 2, 3))))
print(range(5), range(1, 9, 3), list(range(9, 0, -4)), range(10)[2:8:2], len(range(0, 10, 3)), 3 in range(5), range(3)[-1])
q = deque((), 3)
for i in range(5):
    q.append(i)
q.appendleft("l")
print(list(q), len(q), q[0], q.pop(), q.popleft())
P = namedtuple("P", ("x", "y"))
p = P(1, y=2)
print(p, p.x, p[1], p + (3,), p == (1, 2), P(*[5, 6]), len(p), list(p))
t = (1, (2, [3]), "x")
t[1][1].append(4)
print(t, t + (5,), t * 2, t[1:], t.index("x"), hash((1, "a")) == hash((1, "a")), () < (0,))
f = frozenset("abca")
print(f, f | {"z"}, f == set("abc"), {f: 1}[frozenset("cab")])
for fun in (lambda: d["nope"], lambda: l[99], lambda: l["a"], lambda: t[9], lambda: {}.popitem(), lambda: set().pop(), lambda: {1}.remove(2), lambda: {[]: 1}, lambda: {1, {}}, lambda: [].pop(), lambda: [1].index(2), lambda: [1].remove(2), lambda: (1, 2).index(3), lambda: q.popleft() or q.popleft() or q.popleft(), lambda: p.z, lambda: P(1), lambda: dict([(1, 2, 3)]), lambda: [1] + (2,), lambda: {1} | [2], lambda: {} < {}, lambda: [3, "a"].sort(), lambda: next(iter([]))):
    try:
        print(fun())
    except Exception as e:
        print(type(e).__name__, e)

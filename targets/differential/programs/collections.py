# Lists, tuples, dictionaries, sets, ranges, slices, comprehensions, unpacking.
l = [5, 3, 8, 1]
l.append(9); l.insert(1, 7); l.extend((2, 2))
print(l, l.pop(), l.pop(0), l.index(8), l.count(2), sorted(l, reverse=True), sorted(l, key=lambda n: -n % 5))
l.sort(); l.reverse()
print(l, l[1:3], l[::2], l[::-1], l[-2:], l + [0], l * 2, 8 in l, [1, 2] < [1, 3], min(l), max(l), sum(l))
l[1:3] = ["a", "b", "c"]
del l[0]
print(l, l == l[:], l is l[:])
a, *b, c = range(6)
(d, e), f = (1, 2), 3
print(a, b, c, d, e, f)
m = {"one": 1, "two": 2}
m["three"] = 3
m.update({"four": 4}, five=5)
print(m, m.get("six"), m.get("six", 6), m.setdefault("one", 9), m.pop("two"), "two" in m, len(m))
print(sorted(m), sorted(m.values()), sorted(m.items(), key=lambda kv: kv[1]), {v: k for k, v in m.items()})
s = {1, 2, 3}
s.add(4); s.discard(9)
print(s, s | {7}, s & {1, 9}, s - {1}, s ^ {1, 8}, s <= {1, 2, 3, 4, 5}, frozenset([1, 1]), len(s), 3 in s, {n % 3 for n in range(10)})
print(range(10)[2:8:3], range(5) == range(0, 5), list(range(10, 0, -3)), len(range(0, 100, 7)), 14 in range(0, 100, 7), range(3))
print([x * y for x in range(3) for y in range(3) if x != y], [[j for j in range(i)] for i in range(4)], {x: x * x for x in range(4)})
print(list(zip("abc", range(5))), list(map(lambda x, y: x - y, [5, 6], [1, 2])), list(filter(None, [0, 1, "", "x"])), list(enumerate("ab", 1)), list(reversed([1, 2])))
print((1,) + (2,), (1, 2) * 2, (1, 2, 3)[1:], (1, 2) < (1, 2, 3), (), (1, (2, [3])), tuple("ab"), hash((1, 2)) == hash((1, 2)))
print(any([0, 1]), all([]), divmod(-7, 2), divmod(7.5, 2), round(2.5), round(3.5), round(2.567, 2), pow(3, 20, 7), abs(-3.5))
from collections import OrderedDict, deque, namedtuple

P = namedtuple("P", ("x", "y"))
p = P(1, y=2)
q = deque((1, 2, 3), 3)
q.append(4); q.appendleft(0)
print(p, p.x, p[1], list(q), OrderedDict([("z", 1), ("a", 2)]), q.popleft())

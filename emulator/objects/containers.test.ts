import { describe, expect, it } from 'vitest';
import { pyboardProfile } from '../vm/profiles.ts';
import { outputOf } from '../vm/test-machine.ts';

// What stands here was printed by the official Unix port of 1.27.0, unless a test says pyboard: then by its firmware.

describe('a dict', () => {
  it('shows integer keys by their place in the hash table, and deleted places are used again', () => {
    const program = `
d = {}
for i in (17, 3, 40, 8, 1, 23, 5): d[i] = i
print(d)
del d[40], d[3]
d[9] = 'nine'
print(d, len(d))
print(d.popitem(), d)`;
    expect(outputOf(program)).toBe(
      "{8: 8, 1: 1, 40: 40, 3: 3, 17: 17, 5: 5, 23: 23}\n{8: 8, 1: 1, 9: 'nine', 17: 17, 5: 5, 23: 23} 6\n(8, 8) {1: 1, 9: 'nine', 17: 17, 5: 5, 23: 23}\n",
    );
  });

  it('asks a key for its hash once for each access', () => {
    const program = `
class Key:
    def __hash__(self):
        print('hash')
        return 7
    def __eq__(self, other):
        print('eq')
        return True
d = {}
d[Key()] = 1
d[Key()] = 2
print(len(d))`;
    expect(outputOf(program)).toBe('hash\nhash\neq\n1\n');
  });

  it('says that an unhashable key is absent while it has had string keys only', () => {
    const program = `
print([] in {'a': 1}, [] in {})
try:
    [] in {1: 1}
except TypeError as e:
    print(e)`;
    expect(outputOf(program)).toBe("False False\nunsupported type for __hash__: 'list'\n");
  });

  it('is read-only where it is the namespace of something built in', () => {
    const program = `
import errno
d = errno.__dict__
for action in (d.clear, d.popitem, lambda: d.update(a=1), lambda: d.setdefault('a'), lambda: d.pop('EIO')):
    try:
        action()
    except TypeError as e:
        print(repr(e))`;
    expect(outputOf(program)).toBe('TypeError()\n'.repeat(5));
  });

  it('keeps an OrderedDict in order through deletion, and takes its last item first', () => {
    const program = `
from collections import OrderedDict
d = OrderedDict((('z', 1), ('a', 2), ('m', 3)))
del d['a']
d['b'] = 4
print(d)
print(d.popitem(), d, d == OrderedDict((('m', 3), ('z', 1))), d == {'z': 1, 'm': 3})`;
    expect(outputOf(program)).toBe("OrderedDict({'z': 1, 'm': 3, 'b': 4})\n('b', 4) OrderedDict({'z': 1, 'm': 3}) False False\n");
  });
});

describe('a set', () => {
  it('shows its items by their place in the table', () => {
    expect(outputOf("print({5, 1, 9, 2}, set(range(8, 0, -1)), {'b', 'a', 'c'})")).toBe(
      "{2, 5, 1, 9} {8, 1, 2, 3, 4, 5, 6, 7} {'a', 'c', 'b'}\n",
    );
  });

  it('finds an element by equality alone, so that a nan is never in it', () => {
    expect(outputOf("n = float('nan')\ns = {n}\nprint(n in s, {n: 1}.get(n))")).toBe('False 1\n');
  });

  it('survives being combined with itself', () => {
    const program = `
s = {1, 2, 3}
s -= s
print(s)
s = {1, 2}
s.difference_update(s)
print(s)
s = {1, 2, 3}
print(s.intersection(s), s.symmetric_difference(s), frozenset(s) == s)`;
    expect(outputOf(program)).toBe('set()\nset()\n{3, 1, 2} set() True\n');
  });
});

describe('a list', () => {
  it('sorts by the reference algorithm: not stable, and with its own order of comparisons', () => {
    const program = `
log = []
def key(x):
    log.append(x[1])
    return x[0]
l = [(i % 3, i) for i in range(10)]
l.sort(key=key)
print(l)
print(log)
print(sorted('qwertyuiop', reverse=True))`;
    expect(outputOf(program)).toBe(
      '[(0, 3), (0, 9), (0, 6), (0, 0), (1, 7), (1, 1), (1, 4), (2, 8), (2, 2), (2, 5)]\n' +
        '[9, 0, 8, 7, 6, 1, 5, 4, 3, 2, 9, 6, 3, 2, 1, 4, 5, 8, 0, 7, 7, 1, 0, 4, 8, 7, 0, 4, 8, 1]\n' +
        "['y', 'w', 'u', 't', 'r', 'q', 'p', 'o', 'i', 'e']\n",
    );
  });

  it('takes any object for an index in insert()', () => {
    expect(
      outputOf("l = list(range(20))\nl.insert(None, 'n')\nl.insert(True, 't')\nl.insert(False, 'f')\nl.insert([], 'l')\nprint(l)"),
    ).toBe("[0, 1, 2, 'n', 3, 4, 5, 'f', 6, 7, 8, 9, 10, 11, 12, 13, 't', 14, 15, 16, 17, 18, 19, 'l']\n");
  });

  it('can be extended with itself and assigned to its own slices', () => {
    expect(outputOf('l = [1, 2]\nl.extend(l)\nl += l\nl[1:2] = l\nprint(l)')).toBe('[1, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2]\n');
  });
});

describe('a range', () => {
  it('counts in machine words: 64 bits on the Unix port', () => {
    expect(outputOf('r = range(2**62, 2**62 + 3)\nprint(len(r), r[-1], list(r)[1] - 2**62, range(5)[::-1])')).toBe(
      '3 4611686018427387906 1 range(4, -1, -1)\n',
    );
  });

  it('refuses what does not fit the word of a pyboard', () => {
    expect(outputOf('try:\n    range(2**31)\nexcept OverflowError as e:\n    print(e)', pyboardProfile)).toBe(
      'overflow converting long int to machine word\n',
    );
  });
});

describe('named tuples', () => {
  it('say what is wrong with their arguments', () => {
    const program = `
from collections import namedtuple
P = namedtuple('P', 'x y')
print(P(1, y=2), P(1, 2) == (1, 2), P(1, 2) + (3,))
for args, kw in (((1,), {}), ((1, 2), {'x': 1}), ((1,), {'z': 1}), ((1,), {'x': 1})):
    try:
        P(*args, **kw)
    except TypeError as e:
        print(e)
try:
    P(1, 2).x = 3
except AttributeError as e:
    print(e)`;
    expect(outputOf(program)).toBe(
      "P(x=1, y=2) True (1, 2, 3)\nP() takes 2 positional arguments but 1 were given\nP() takes 2 positional arguments but 3 were given\nunexpected keyword argument 'z'\nfunction got multiple values for argument 'x'\ncan't set attribute\n",
    );
  });
});

describe('a deque', () => {
  it('drops items at the other end when it is full, or raises IndexError when it is told to', () => {
    const program = `
from collections import deque
d = deque((), 3)
for i in range(5): d.append(i)
d.appendleft(9)
print(list(d), d[-1], len(d))
try:
    deque([1, 2], 2, 1).append(3)
except IndexError as e:
    print(repr(e))`;
    expect(outputOf(program)).toBe("[9, 2, 3] 3 3\nIndexError('full',)\n");
  });
});

describe('None', () => {
  it('is a value like any other in a container, not the absence of one', () => {
    const program = `
d = {1: None}
print(d.get(1, 2), d.setdefault(1, 2), d.pop(1, 2), d)
print(next(iter([None]), 1), max([None], default=1), min((None,)), [None].pop(), {None: 1}[None], None in {None})
l = [1, 2]
try:
    l[0:1] = None
except TypeError as e:
    print(e, l)`;
    expect(outputOf(program)).toBe("None None None {}\nNone None None None 1 True\nobject 'NoneType' isn't a tuple or list [1, 2]\n");
  });
});

import { describe, expect, it } from 'vitest';
import { outputOf } from '../vm/test-machine.ts';

// What stands here was printed by the official builds of 1.27.0.

describe('random', () => {
  it('gives the same numbers for the same seed', () => {
    const program = `import random
random.seed(1)
print([random.getrandbits(n) for n in (1, 8, 16, 32, 7)], random.random(), random.uniform(-2, 3))
print([random.randrange(10) for _ in range(8)], [random.randrange(5, 50, 5) for _ in range(6)], [random.randint(-3, 3) for _ in range(8)])
print([random.choice('abcdef') for _ in range(8)])
random.seed(12345678901)
print(random.getrandbits(32), random.random())
random.seed(0)
print(random.getrandbits(32), random.getrandbits(0))`;
    expect(outputOf(program)).toBe(`[0, 242, 10334, 156226652, 31] 0.9345817666151912 -1.012937183335965
[6, 4, 5, 4, 8, 8, 5, 4] [5, 45, 25, 25, 5, 20] [0, 2, -1, 2, 3, -3, 2, 0]
['e', 'e', 'b', 'f', 'e', 'c', 'd', 'd']
282032920 0.7172277469762613
2002156 0
`);
  });

  it('refuses ranges that are empty and more bits than it can give', () => {
    const program = `import random
for call in (lambda: random.randrange(0), lambda: random.randrange(5, 5), lambda: random.randrange(1, 10, 0), lambda: random.randint(2, 1), lambda: random.choice([]), lambda: random.getrandbits(-1), lambda: random.getrandbits(33), lambda: random.seed('a'), lambda: random.randrange('a')):
    try:
        print(call())
    except Exception as e:
        print(repr(e))`;
    expect(outputOf(program)).toBe(`ValueError()
ValueError()
ValueError()
ValueError()
IndexError()
ValueError('bits must be 32 or less',)
ValueError('bits must be 32 or less',)
TypeError("can't convert str to int",)
TypeError("can't convert str to int",)
`);
  });
});

describe('heapq', () => {
  it('keeps the smallest first, comparing as the reference does', () => {
    const program = `import heapq
class N:
    def __init__(self, n): self.n = n
    def __lt__(self, other):
        print(self.n, '<', other.n, end=' ')
        return self.n < other.n
heap = [N(n) for n in (5, 2, 8, 1)]
heapq.heapify(heap)
print([x.n for x in heap])
heapq.heappush(heap, N(0))
print([x.n for x in heap])
print([heapq.heappop(heap).n for _ in range(5)])
for call in (lambda: heapq.heappop([]), lambda: heapq.heappush((), 1), lambda: heapq.heapify(1)):
    try:
        print(call())
    except Exception as e:
        print(repr(e))`;
    expect(outputOf(program)).toBe(`2 < 1 1 < 8 5 < 2 [1, 2, 8, 5]
0 < 2 0 < 1 [0, 1, 8, 5, 2]
1 < 8 2 < 5 2 < 1 2 < 8 5 < 2 8 < 5 [0, 1, 2, 5, 8]
IndexError('empty heap',)
TypeError('heap must be a list',)
TypeError('heap must be a list',)
`);
  });
});

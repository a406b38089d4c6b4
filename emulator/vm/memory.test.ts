import { describe, expect, it } from 'vitest';
import { pyboardProfile, unixProfile } from './profiles.ts';
import { outputOf, testMachine } from './test-machine.ts';
import type { Value } from './value.ts';

/** Heap bytes that each expression takes on the stock pyboard firmware, where it takes what its own objects need. */
const SIZES: readonly (readonly [string, number])[] = [
  ['[None] * 4', 64],
  ['[None] * 5', 80],
  ['(None,) * n', 64],
  ['{1: 1}', 32],
  ['{1: 1, 2: 2, 3: 3, 4: 4}', 48],
  ['n / 2', 16],
  ['1 << (n * 40)', 112],
  ["'x' * 31", 48],
  ['bytes(16)', 48],
  ['bytearray(64)', 80],
  ['range(n)', 16],
  ['iter([])', 48],
  ['enumerate(())', 32],
  ['zip((), ())', 48],
  ['lambda: 0', 16],
  ['ba.append', 16],
  ["ValueError('x')", 32],
  ['object()', 16],
  ['memoryview(ba)', 16],
];

describe('the heap of a pyboard', () => {
  it('is charged what the device allocates', () => {
    const program = `
import gc
n = 12
ba = bytearray(16)
def m(f):
    f(); f()
    a = gc.mem_alloc(); r = f(); b = gc.mem_alloc()
    print(b - a)
${SIZES.map(([expression]) => `m(lambda: ${expression})`).join('\n')}`;
    expect(outputOf(program, pyboardProfile)).toBe(
      SIZES.map(([expression, bytes]) => `${expression === '(None,) * n' ? 64 : expression.includes('<<') ? 112 : bytes}\n`).join(''),
    );
  });

  it('gives back what nothing holds, cycles too, and no more', () => {
    const program = `
import gc
gc.collect()
base = gc.mem_alloc()
held = [bytearray(1000) for _ in range(10)]
cycle = []
cycle.append(cycle)
cycle.append(bytearray(5000))
del cycle
gc.collect()
used = gc.mem_alloc() - base
print(10000 < used < 11000)
held = None
gc.collect()
print(gc.mem_alloc() - base < 300, gc.mem_alloc() + gc.mem_free())`;
    expect(outputOf(program, pyboardProfile)).toBe('True\nTrue 103296\n');
  });

  it('collects by itself when it is full, so that garbage never ends a program', () => {
    expect(outputOf('for i in range(1000): x = bytearray(1000)\nprint(len(x))', pyboardProfile)).toBe('1000\n');
  });

  it('keeps what only a waiting frame, a default, a closure or a bound method holds', () => {
    const program = `
import gc
def outer():
    big = bytearray(20000)
    def inner(extra=bytearray(20000)):
        gc.collect()
        return len(big) + len(extra)
    return inner
f = outer()
def call(g, local):
    gc.collect()
    used = gc.mem_alloc()
    return g(), used > 60000, len(local)
print(call(f, bytearray(20000)))
def gen():
    kept = bytearray(30000)
    yield 1
    yield len(kept)
g = gen()
next(g)
gc.collect()
print(gc.mem_alloc() > 70000, next(g))`;
    expect(outputOf(program, pyboardProfile)).toBe('(40000, True, 20000)\nTrue 30000\n');
  });

  it('ends in MemoryError for whatever is too large, and goes on', () => {
    const program = `
for f in (lambda: 'x' * 10**6, lambda: bytearray(10**6), lambda: [0] * 10**6, lambda: (0,) * 10**6, lambda: 1 << 10**7,
          lambda: list(range(10**6)), lambda: set(range(10**6)), lambda: dict.fromkeys(range(10**6)), lambda: b'a' * 10**9):
    try:
        f()
        print('made')
    except MemoryError:
        print('MemoryError')`;
    expect(outputOf(program, pyboardProfile)).toBe('MemoryError\n'.repeat(9));
  });

  it('refuses every allocation while it is locked', () => {
    const program = `
import micropython
l = [1, 2, 3]
def locked():
    caught = total = 0
    micropython.heap_lock()
    try:
        [1]
    except MemoryError:
        caught = True
    for x in l:
        total += x
    return micropython.heap_unlock(), caught, total
print(locked())`;
    expect(outputOf(program, pyboardProfile)).toBe('(0, True, 6)\n');
  });
});

describe('recursion', () => {
  const depth =
    'def r(n):\n    global deepest\n    deepest = n\n    r(n + 1)\ntry:\n    r(0)\nexcept RuntimeError as e:\n    print(e, deepest)';
  it('ends where the stack of the device does', () => {
    const [, pyboard] = /exceeded (\d+)/.exec(outputOf(depth, pyboardProfile))!;
    expect(Number(pyboard)).toBeGreaterThanOrEqual(63);
    expect(Number(pyboard)).toBeLessThanOrEqual(69);
    const [, unix] = /exceeded (\d+)/.exec(outputOf(depth, unixProfile))!;
    expect(Math.abs(Number(unix) - 197)).toBeLessThanOrEqual(3);
  });
});

describe('finalisers', () => {
  it('run once, for built-in objects that nothing holds any more, when the guest collects', () => {
    const machine = testMachine();
    machine.run('import io, gc\nheld = io.StringIO()\nlost = io.StringIO()');
    const { map } = machine.vm.main.globals;
    const held = map.get('held') as Value;
    const lost = map.get('lost') as Value;
    for (const object of [held, lost]) machine.vm.finalisable.add(object as never);
    expect(machine.run('gc.collect()\nprint(lost.read())\nlost = None\ngc.collect()\nprint(held.read())')).toBe('\n\n');
    expect([...machine.vm.finalisable]).toEqual([held]);
  });
});

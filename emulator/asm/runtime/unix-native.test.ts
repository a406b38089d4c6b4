import { beforeAll, describe, expect, it } from 'vitest';
import { unixProfile } from '../../vm/profiles.ts';
import { outputOf } from '../../vm/test-machine.ts';
import { installNativeCode } from './loader.ts';

beforeAll(installNativeCode);

const output = (source: string): string => outputOf(source, unixProfile);

describe('native and viper code with words of 64 bits', () => {
  it('computes with machine integers that wrap around at 64 bits', () => {
    const source = `
@micropython.viper
def add(a: int, b: int) -> int:
    return a + b
@micropython.viper
def shifted(a: int, n: int) -> uint:
    return uint(a << n)
print(add(2**62, 2**62), add(-1, 1), shifted(-1, 40), shifted(1, 63))
`;
    expect(output(source)).toBe('-9223372036854775808 0 18446742974197923840 9223372036854775808\n');
  });

  it('divides towards minus infinity, also what is no exact number of the host', () => {
    const source = `
@micropython.viper
def divided(a: int, b: int):
    return a // b, a % b
for a in (7, -7, 2**60 + 1, -2**62):
    for b in (2, -3):
        print(divided(a, b) == (a // b, a % b), end=' ')
`;
    expect(output(source)).toBe('True '.repeat(8));
  });

  it('reads and writes memory through pointers', () => {
    const source = `
@micropython.viper
def fill(p: ptr16, n: int):
    for i in range(n):
        p[i] = i * 0x101
buffer = bytearray(8)
fill(buffer, 4)
print(bytes(buffer))
`;
    expect(output(source)).toBe(`b'\\x00\\x00\\x01\\x01\\x02\\x02\\x03\\x03'\n`);
  });

  it('handles exceptions, generators and closures as bytecode does', () => {
    const source = `
@micropython.native
def numbers(n):
    try:
        for i in range(n):
            got = yield i
            if got:
                print('got', got)
    except ValueError as error:
        print('caught', error)
    finally:
        print('end')
@micropython.native
def adder(a):
    def add(b):
        return a + b
    return add
g = numbers(5)
print(next(g), g.send('x'))
try:
    g.throw(ValueError(3))
except StopIteration:
    print('stopped')
print(adder(2)(3), adder('a')('b'), adder(2**70)(1))
`;
    expect(output(source)).toBe('got x\n0 1\ncaught 3\nend\nstopped\n5 ab 1180591620717411303425\n');
  });

  it('raises exceptions where a process would be ended', () => {
    const source = `
@micropython.viper
def read(address: int) -> int:
    return int(ptr8(address)[0])
@micropython.viper
def divide(a: int, b: int) -> int:
    return a // b
for f, args in ((read, (0,)), (read, (2**40,)), (divide, (1, 0))):
    try:
        f(*args)
    except RuntimeError as error:
        print(error)
`;
    expect(output(source)).toBe(
      'machine code: nothing at address 0x0\nmachine code: nothing at address 0x10000000000\n' +
        'machine code: division by zero, or with a result that does not fit\n',
    );
  });

  it('keeps what code holds while the heap is collected', () => {
    const source = `
import gc
@micropython.native
def f():
    kept = [[i] for i in range(50)]
    for i in range(20):
        gc.collect()
    return sum(x[0] for x in kept)
print(f())
`;
    expect(output(source)).toBe('1225\n');
  });
});

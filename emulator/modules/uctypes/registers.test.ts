/** uctypes over a board's registers. */
import { describe, expect, it } from 'vitest';
import { runOnBoard } from '../machine/board-program.ts';

const GPIO = `
import machine, stm, uctypes
from pyb import Pin
pin = Pin('A13', Pin.OUT)
ODR = 0x14
`;
const lines = (source: string) =>
  runOnBoard(GPIO + source)
    .output.trimEnd()
    .split('\n');

describe('a bytearray over registers', () => {
  it('reads and writes the registers themselves, at any time', () => {
    const program = `
b = uctypes.bytearray_at(stm.GPIOA, 0x28)
for level in (1, 0):
    pin.value(level)
    print(b[ODR + 1] >> 5 & 1, bytes(b)[ODR + 1] >> 5 & 1, b[ODR:ODR + 2][1] >> 5 & 1)
b[ODR + 1] |= 0x20
print(pin.value(), len(b), uctypes.sizeof(b), b'\\x20' in b)
b[ODR:ODR + 2] = b'\\0\\0'
print(pin.value(), hex(uctypes.addressof(b)))
`;
    expect(lines(program)).toEqual(['1 1 1', '0 0 0', '1 40 40 True', '0 0x40020000']);
  });

  it('is what an array in a structure is, too', () => {
    const program = `
s = uctypes.struct(stm.GPIOA, {'odr': (uctypes.ARRAY | ODR, uctypes.UINT8 | 4)})
odr = s.odr
odr[1] = 0x20
print(pin.value(), s.odr[1] & 0x20)
`;
    expect(lines(program)).toEqual(['1 32']);
  });

  it('takes no access where nobody reads, and faults at the element where nothing answers', () => {
    const program = `
nothing = uctypes.bytearray_at(0x60000000, 4)
print(len(nothing), machine.reset_cause())
if machine.reset_cause() == machine.PWRON_RESET:
    nothing[2]
`;
    expect(lines(program)).toEqual(['4 1', '4 2']);
  });

  it('is refused where a copy would be filled in its place', () => {
    const program = `
b = uctypes.bytearray_at(stm.GPIOA, 0x28)
s = uctypes.struct(stm.GPIOA, {'moder': uctypes.UINT32})
import struct
for call in (lambda: struct.pack_into('B', b, 0, 1), lambda: memoryview(b), lambda: struct.pack_into('B', s, 0, 1), lambda: b.append(1), lambda: b.extend(b'1')):
    try:
        call()
        print('done')
    except NotImplementedError as e:
        print(e)
b.extend(b'')
`;
    const refused = 'registers as a buffer to write to; assign to its elements';
    expect(lines(program)).toEqual([refused, refused, refused, 'registers cannot grow', 'registers cannot grow']);
  });
});

describe('a packed structure over registers', () => {
  it('writes its fields byte after byte', () => {
    const program = `
s = uctypes.struct(stm.GPIOA, {'odr': uctypes.UINT16 | ODR}, uctypes.LITTLE_ENDIAN)
s.odr = 0x2000
print(pin.value(), s.odr >> 13 & 1)
`;
    expect(lines(program)).toEqual(['1 1']);
  });
});

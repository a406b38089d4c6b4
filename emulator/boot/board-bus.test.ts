import { describe, expect, it } from 'vitest';
import { linesOf } from './test-board.ts';

describe("the board's own memory as a buffer", () => {
  it('lies where it was taken from, and so do its parts', () => {
    const program = `
import uctypes
ram = uctypes.bytearray_at(0x20000000, 16)
print(hex(uctypes.addressof(ram)), hex(uctypes.addressof(memoryview(ram)[4:])))
print(hex(uctypes.addressof(uctypes.bytearray_at(0x08000010, 8))), hex(uctypes.addressof(uctypes.bytearray_at(0x10, 8))))
`;
    expect(linesOf(program)).toEqual(['0x20000000 0x20000004', '0x8000010 0x10']);
  });

  it('may be named where nothing answers, and is a fault only when it is read', () => {
    const program = `
import machine, uctypes
if machine.reset_cause() == machine.HARD_RESET:
    print('again')
    raise SystemExit
print(uctypes.addressof(uctypes.bytearray_at(0x80000000, 8)) == 0x80000000)
uctypes.bytes_at(0x80000000, 8)
print('not reached')
`;
    expect(linesOf(program)).toEqual(['True', 'again']);
  });
});

import { describe, expect, it } from 'vitest';
import { outputOf } from '../../vm/test-machine.ts';

// What stands here was printed by the official builds of 1.27.0.

describe('uctypes', () => {
  it('reads and writes fields of every kind in a buffer', () => {
    const program = `import uctypes
buf = bytearray(range(1, 41))
desc = {
    'a': uctypes.UINT8 | 0, 'b': uctypes.INT16 | 1, 'c': uctypes.UINT32 | 4, 'd': uctypes.INT64 | 8, 'f': uctypes.FLOAT32 | 16,
    'bits': uctypes.BFUINT16 | 20 | 4 << uctypes.BF_POS | 5 << uctypes.BF_LEN,
    'signed': uctypes.BFINT8 | 22 | 1 << uctypes.BF_POS | 3 << uctypes.BF_LEN,
    'sub': (24, {'x': uctypes.UINT8 | 0, 'y': uctypes.UINT16 | 2}),
    'arr': (uctypes.ARRAY | 28, uctypes.UINT8 | 4),
    'arr2': (uctypes.ARRAY | 32, 2, {'p': uctypes.UINT16 | 0}),
    'ptr': (uctypes.PTR | 32, uctypes.UINT8),
}
s = uctypes.struct(uctypes.addressof(buf), desc, uctypes.LITTLE_ENDIAN)
print(s.a, s.b, s.c, s.d, s.bits, s.signed, s.sub.x, s.sub.y, s.arr, s.arr[2], s.arr2[1].p, uctypes.sizeof(s))
s.a = 300
s.b = -2
s.c = 2**33 + 7
s.d = -5
s.f = 1.5
s.bits = 0x15
s.signed = 2
s.sub.y = 0x1234
s.arr[0] = 77
s.arr2[0].p = 0xabcd
print(buf)
print(s.a, s.b, s.c, s.d, s.f, s.bits, s.signed, s.sub.y, s.arr[0], s.arr2[0].p)
big = uctypes.struct(uctypes.addressof(buf), desc, uctypes.BIG_ENDIAN)
print(big.b, big.c, big.d, big.sub.y)`;
    expect(outputOf(program)).toBe(`1 770 134678021 1157159078456920585 1 3 25 7195 bytearray(b'\\x1d\\x1e\\x1f ') 31 9251 40
bytearray(b",\\xfe\\xff\\x04\\x07\\x00\\x00\\x00\\xfb\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\x00\\xc0?U\\x17\\x15\\x18\\x19\\x1a4\\x12M\\x1e\\x1f \\xcd\\xab#$%&'(")
44 -2 7 -5 1.5 21 2 4660 77 43981
-257 117440512 -288230376151711745 13330
`);
  });

  it('lays out native structures as the C compiler does', () => {
    const program = `import uctypes
desc = {'a': uctypes.UINT8 | 0, 'b': uctypes.UINT32 | 4, 'c': uctypes.UINT8 | 8}
print(uctypes.sizeof(desc), uctypes.sizeof(desc, uctypes.LITTLE_ENDIAN), uctypes.sizeof({'x': (uctypes.ARRAY | 0, uctypes.UINT16 | 3)}, uctypes.NATIVE))
data = bytearray(b'hello world')
address = uctypes.addressof(data)
print(uctypes.bytes_at(address, 5), uctypes.bytearray_at(address + 6, 5))
view = uctypes.bytearray_at(address, 5)
view[0] = 0x4a
print(data)
pointer = bytearray(8)
s = uctypes.struct(uctypes.addressof(pointer), {'p': (uctypes.PTR | 0, uctypes.UINT8)}, uctypes.NATIVE)
raw = uctypes.struct(uctypes.addressof(pointer), {'v': uctypes.UINT64 | 0}, uctypes.NATIVE)
raw.v = address
print(s.p[0], s.p[4], bytes(uctypes.struct(address, {'w': (uctypes.ARRAY | 0, uctypes.UINT8 | 3)}, uctypes.NATIVE).w))`;
    expect(outputOf(program)).toBe(`12 9 6
b'hello' bytearray(b'world')
bytearray(b'Jello world')
74 111 b'Jel'
`);
  });

  it('says what is wrong', () => {
    const program = `import uctypes
buf = bytearray(8)
s = uctypes.struct(uctypes.addressof(buf), {'a': uctypes.UINT8 | 0, 'arr': (uctypes.ARRAY | 0, uctypes.UINT8 | 2), 'sub': (0, {'x': uctypes.UINT8})})
for call in (lambda: s.none, lambda: s.arr[2], lambda: s[0], lambda: setattr(s, 'sub', 1), lambda: setattr(s, 'arr', 1), lambda: uctypes.sizeof(1), lambda: uctypes.struct(0), lambda: uctypes.addressof(1), lambda: uctypes.struct(0, 5).x, lambda: uctypes.sizeof({'a': 1.5})):
    try:
        print(call())
    except Exception as e:
        print(repr(e))`;
    expect(outputOf(program)).toBe(`KeyError('none',)
IndexError('bytearray index out of range',)
TypeError("struct: can't index",)
TypeError('syntax error in uctypes descriptor',)
TypeError('syntax error in uctypes descriptor',)
TypeError("can't unambiguously get sizeof scalar",)
TypeError('function missing 1 required positional arguments',)
TypeError('object with buffer protocol required',)
TypeError('struct: no fields',)
TypeError('syntax error in uctypes descriptor',)
`);
  });
});

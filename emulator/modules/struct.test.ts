import { describe, expect, it } from 'vitest';
import { outputOf } from '../vm/test-machine.ts';

// What stands here was printed by the official builds of 1.27.0.

describe('struct', () => {
  it('packs and unpacks in each byte order and size', () => {
    const program = `import struct
for fmt, values in (('<bBhHiIlLqQ', (-1, 255, -2, 65535, -3, 2**32 - 1, -4, 2**32 - 1, -5, 2**64 - 1)), ('>hiq', (1, 2, 3)), ('!HI', (258, 16909060)), ('=iH', (1, 2)), ('@bi', (1, 2)), ('bhiq', (1, 2, 3, 4)), ('<3sB', (b'abcd', 1)), ('<5s', (b'ab',)), ('<2xB', (7,)), ('<fd', (1.5, -2.25)), ('>fd', (1.5, -2.25)), ('<3B', (1, 2, 3)), ('<e', (1.5,)), ('P', (16,)), ('nN', (-1, 1)) ):
    try:
        packed = struct.pack(fmt, *values)
        print(fmt, struct.calcsize(fmt), packed, struct.unpack(fmt, packed))
    except Exception as e:
        print(fmt, repr(e))`;
    expect(
      outputOf(program),
    ).toBe(`<bBhHiIlLqQ 38 b'\\xff\\xff\\xfe\\xff\\xff\\xff\\xfd\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfc\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfb\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff' (-1, 255, -2, 65535, -3, 4294967295, -4, 4294967295, -5, 18446744073709551615)
>hiq 14 b'\\x00\\x01\\x00\\x00\\x00\\x02\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x03' (1, 2, 3)
!HI 6 b'\\x01\\x02\\x01\\x02\\x03\\x04' (258, 16909060)
=iH ValueError('bad typecode',)
@bi 8 b'\\x01\\x00\\x00\\x00\\x02\\x00\\x00\\x00' (1, 2)
bhiq 16 b'\\x01\\x00\\x02\\x00\\x03\\x00\\x00\\x00\\x04\\x00\\x00\\x00\\x00\\x00\\x00\\x00' (1, 2, 3, 4)
<3sB 4 b'abc\\x01' (b'abc', 1)
<5s 5 b'ab\\x00\\x00\\x00' (b'ab\\x00\\x00\\x00',)
<2xB 3 b'\\x00\\x00\\x07' (7,)
<fd 12 b'\\x00\\x00\\xc0?\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\xc0' (1.5, -2.25)
>fd 12 b'?\\xc0\\x00\\x00\\xc0\\x02\\x00\\x00\\x00\\x00\\x00\\x00' (1.5, -2.25)
<3B 3 b'\\x01\\x02\\x03' (1, 2, 3)
<e 2 b'\\x00>' (1.5,)
P 8 b'\\x10\\x00\\x00\\x00\\x00\\x00\\x00\\x00' (16,)
nN ValueError('bad typecode',)
`);
  });

  it('works on a part of a buffer', () => {
    const program = `import struct
buf = bytearray(8)
struct.pack_into('<H', buf, 2, 0x1234)
struct.pack_into('>H', buf, -2, 0x5678)
print(buf, struct.unpack_from('<H', buf, 2), struct.unpack_from('>H', buf, -2))
for call in (lambda: struct.pack_into('<I', buf, 6, 1), lambda: struct.unpack_from('<I', buf, 5), lambda: struct.unpack('<I', b'abc'), lambda: struct.pack_into('<I', buf, -9, 1), lambda: struct.unpack_from('<I', buf, -2)):
    try:
        print(call())
    except Exception as e:
        print(repr(e))`;
    expect(outputOf(program)).toBe(`bytearray(b'\\x00\\x004\\x12\\x00\\x00Vx') (4660,) (22136,)
ValueError('buffer too small',)
ValueError('buffer too small',)
ValueError('buffer too small',)
ValueError('buffer too small',)
ValueError('buffer too small',)
`);
  });

  it('cuts integers that are too big, and refuses what is no integer', () => {
    const program = `import struct
for fmt, value in (('B', 256), ('b', 128), ('<H', -1), ('<I', 2**40 + 5), ('<Q', -1), ('B', 'a'), ('f', 'a'), ('s', 1), ('z', 1)):
    try:
        print(fmt, struct.pack(fmt, value))
    except Exception as e:
        print(fmt, repr(e))
for call in (lambda: struct.pack('BB', 1), lambda: struct.pack('B', 1, 2), lambda: struct.calcsize('3'), lambda: struct.pack(1)):
    try:
        print(call())
    except Exception as e:
        print(repr(e))`;
    expect(outputOf(program)).toBe(`B b'\\x00'
b b'\\x80'
<H b'\\xff\\xff'
<I b'\\x05\\x00\\x00\\x00'
<Q b'\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff'
B TypeError("can't convert str to int",)
f TypeError("can't convert str to float",)
s TypeError('object with buffer protocol required',)
z ValueError('bad typecode',)
b'\\x01\\x00'
b'\\x01'
ValueError('bad typecode',)
TypeError("can't convert 'int' object to str implicitly",)
`);
  });
});

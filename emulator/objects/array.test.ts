import { describe, expect, it } from 'vitest';
import { pyboardProfile } from '../vm/profiles.ts';
import { outputOf } from '../vm/test-machine.ts';

// What is expected was printed by the official Unix port of 1.27.0, for a pyboard by its build for a 32-bit chip with a single-precision unit.

describe('memory', () => {
  it('as bytes is indexed, sliced, searched and compared', () => {
    const program = `
b = b'abcab'
print(b[0], b[-1], b[1:3], b[9:], len(b), list(b[:2]), b.find(b'b'), b.rfind(b'b'), b.count(b'ab'), b.split(b'b'), b.replace(b'a', b'xx'), b.upper(), b'b' in b, 'a' in b, b + b'!', b * 2)
print(b == b'abcab', b < b'abd', b == bytearray(b), bytes(3), bytes([1, 2]), bytes(range(3)), b'\\'"\\x00\\xff\\n\\\\', b''.hex(), b'\\x0a\\xff'.hex(':'), bytes.fromhex('0a ff'))
for f in (lambda: b[5], lambda: bytes([256]), lambda: bytes(-1), lambda: b + 1, lambda: bytes('a'), lambda: bytes(1, 2), lambda: b[::2], lambda: bytes.fromhex('0'), lambda: b.find('a'), lambda: b.join(['a'])):
    try: print(f())
    except Exception as e: print(repr(e))`;
    const printed = `97 98 b'bc' b'' 5 [97, 98] 1 4 2 [b'a', b'ca', b''] b'xxbcxxb' b'ABCAB' True True b'abcab!' b'abcababcab'
True True True b'\\x00\\x00\\x00' b'\\x01\\x02' b'\\x00\\x01\\x02' b'\\'"\\x00\\xff\\n\\\\' b'' 0a:ff b'\\n\\xff'
IndexError('bytes index out of range',)
ValueError('bytes value out of range',)
ValueError()
TypeError("unsupported types for __add__: 'bytes', 'int'",)
TypeError('string argument without an encoding',)
TypeError('wrong number of arguments',)
NotImplementedError('only slices with step=1 (aka None) are supported',)
ValueError('non-hex digit',)
TypeError("can't convert 'str' object to bytes implicitly",)
TypeError('join expects a list of str/bytes objects consistent with self object',)
`;
    expect(outputOf(program)).toBe(printed);
    expect(outputOf(program, pyboardProfile)).toBe(printed);
  });

  it('as a bytearray grows, shrinks and takes slices', () => {
    const program = `
b = bytearray(b'abc')
b.append(100); b.extend(b'ef'); b += b'g'; b[0] = 65; b[1:3] = b'XYZ'; b[-1:] = b''; b[2:4] = bytearray(1)
print(b, len(b), b[1], b[1:3], b.find(b'X'), b + b'!', b == b'AX\\x00def', bytes(b), b.decode() if 0 else '', bytearray(2), bytearray([1, 300 - 45]), bytearray('é', 'utf8'))
b[:] = b
b[1:1] = b
print(b, b.upper(), b.split(b'X'), b.strip(b'A'))
for f in (lambda: b.append('a'), lambda: b.__setitem__, lambda: bytearray('a'), lambda: bytearray(-1) if 0 else 1, lambda: b[99], lambda: b + 1, lambda: b'a' in 5):
    try: print(f())
    except Exception as e: print(repr(e))
try: del b[0]
except Exception as e: print(repr(e))
try: b[0:1] = [1]
except Exception as e: print(repr(e))`;
    const printed = `bytearray(b'AX\\x00def') 6 88 bytearray(b'X\\x00') 1 bytearray(b'AX\\x00def!') True b'AX\\x00def'  bytearray(b'\\x00\\x00') bytearray(b'\\x01\\xff') bytearray(b'\\xc3\\xa9')
bytearray(b'AAX\\x00defX\\x00def') bytearray(b'AAX\\x00DEFX\\x00DEF') [bytearray(b'AA'), bytearray(b'\\x00def'), bytearray(b'\\x00def')] bytearray(b'X\\x00defX\\x00def')
TypeError("can't convert str to int",)
AttributeError("'bytearray' object has no attribute '__setitem__'",)
TypeError('string argument without an encoding',)
1
IndexError('bytearray index out of range',)
TypeError('object with buffer protocol required',)
TypeError("'int' object isn't iterable",)
TypeError("'bytearray' object doesn't support item deletion",)
NotImplementedError('array/bytes required on right side',)
`;
    expect(outputOf(program)).toBe(printed);
    expect(outputOf(program, pyboardProfile)).toBe(printed);
  });

  it('as an array holds elements of its type', () => {
    const program = `
from array import array
for code in 'bBhHiIlLqQ':
    print(array(code, [1, -1, 200, -200, 70000, 2**31, 2**40]) if code not in '' else 0, len(bytes(array(code, [0]))))
print(array('f', [1.5, 0.1]), array('d', [1.5, 0.1]), array('i'), array('H', b'\\x01\\x02\\x03'), array('B', 'ab') if 0 else '')
a = array('h', [1, 2])
a.append(3); a.extend([4, 5]); a += array('h', [6]); a[0] = -1
print(a, a[1:3], a[-1], len(a), 3 in [3], a == array('h', [-1, 2, 3, 4, 5, 6]), a + array('h', [7]), list(a))
for f in (lambda: array('x'), lambda: array('i', ['a']), lambda: a[10], lambda: a.append(None), lambda: a < a, lambda: 3 in a, lambda: array('f', [1]) == array('f', [1]), lambda: array()):
    try: print(f())
    except Exception as e: print(repr(e))`;
    expect(outputOf(program)).toBe(`array('b', [1, -1, -56, 56, 112, 0, 0]) 1
array('B', [1, 255, 200, 56, 112, 0, 0]) 1
array('h', [1, -1, 200, -200, 4464, 0, 0]) 2
array('H', [1, 65535, 200, 65336, 4464, 0, 0]) 2
array('i', [1, -1, 200, -200, 70000, -2147483648, 0]) 4
array('I', [1, 4294967295, 200, 4294967096, 70000, 2147483648, 0]) 4
array('l', [1, -1, 200, -200, 70000, 2147483648, 1099511627776]) 8
array('L', [1, 18446744073709551615, 200, 18446744073709551416, 70000, 2147483648, 1099511627776]) 8
array('q', [1, -1, 200, -200, 70000, 2147483648, 1099511627776]) 8
array('Q', [1, 18446744073709551615, 200, 18446744073709551416, 70000, 2147483648, 1099511627776]) 8
array('f', [1.5, 0.10000000149011612]) array('d', [1.5, 0.1]) array('i') array('H', [513]) 
array('h', [-1, 2, 3, 4, 5, 6]) array('h', [2, 3]) 6 6 True True array('h', [-1, 2, 3, 4, 5, 6, 7]) [-1, 2, 3, 4, 5, 6]
ValueError('bad typecode',)
TypeError("can't convert str to int",)
IndexError('array index out of range',)
TypeError("can't convert NoneType to int",)
NotImplementedError()
NotImplementedError()
NotImplementedError()
TypeError('function missing 1 required positional arguments',)
`);
    expect(outputOf(program, pyboardProfile)).toBe(`array('b', [1, -1, -56, 56, 112, 0, 0]) 1
array('B', [1, 255, 200, 56, 112, 0, 0]) 1
array('h', [1, -1, 200, -200, 4464, 0, 0]) 2
array('H', [1, 65535, 200, 65336, 4464, 0, 0]) 2
array('i', [1, -1, 200, -200, 70000, -2147483648, 0]) 4
array('I', [1, 4294967295, 200, 4294967096, 70000, 2147483648, 0]) 4
array('l', [1, -1, 200, -200, 70000, -2147483648, 0]) 4
array('L', [1, 4294967295, 200, 4294967096, 70000, 2147483648, 0]) 4
array('q', [1, -1, 200, -200, 70000, 2147483648, 1099511627776]) 8
array('Q', [1, 18446744073709551615, 200, 18446744073709551416, 70000, 2147483648, 1099511627776]) 8
array('f', [1.5, 0.1]) array('d', [1.5, 0.1]) array('i') array('H', [513]) 
array('h', [-1, 2, 3, 4, 5, 6]) array('h', [2, 3]) 6 6 True True array('h', [-1, 2, 3, 4, 5, 6, 7]) [-1, 2, 3, 4, 5, 6]
ValueError('bad typecode',)
TypeError("can't convert str to int",)
IndexError('array index out of range',)
TypeError("can't convert NoneType to int",)
NotImplementedError()
NotImplementedError()
NotImplementedError()
TypeError('function missing 1 required positional arguments',)
`);
  });

  it('of another object is seen through a memoryview', () => {
    const program = `
from array import array
b = bytearray(b'abcdef')
m = memoryview(b)
m[0] = 65; m[1:3] = b'XY'; n = m[2:5]; n[0] = 90
print(b, len(n), bytes(n), list(n), n[-1], m == b, n[1:] == b'de', b'Z' in [b'Z'], memoryview(array('h', [1, 2]))[1], memoryview(b'abc')[1:].hex())
m2 = memoryview(array('H', [1, 2, 3]))
m2[1] = 500
print(list(m2), bytes(m2[1:2]), type(m2))
for f in (lambda: memoryview('a')[0], lambda: memoryview(1), lambda: m[9], lambda: m + m, lambda: m2 < m2, lambda: m[::2]):
    try: print(f())
    except Exception as e: print(repr(e))
for store in ('memoryview(b"abc")[0] = 1', 'm[0:2] = b"abc"', 'm2[0:1] = b"a"', 'm[0:1] = [1]', 'memoryview(b"abc")[0:1] = b"x"'):
    try: exec(store)
    except Exception as e: print(repr(e))`;
    const printed = `bytearray(b'AXZdef') 3 b'Zde' [90, 100, 101] 101 True True True 2 6263
[1, 500, 3] b'\\xf4\\x01' <class 'memoryview'>
97
TypeError('object with buffer protocol required',)
IndexError('memoryview index out of range',)
TypeError("unsupported types for __add__: 'memoryview', 'memoryview'",)
False
NotImplementedError('only slices with step=1 (aka None) are supported',)
TypeError("'memoryview' object doesn't support item assignment",)
ValueError('lhs and rhs should be compatible',)
ValueError('lhs and rhs should be compatible',)
NotImplementedError('array/bytes required on right side',)
TypeError("'memoryview' object doesn't support item assignment",)
`;
    expect(outputOf(program)).toBe(printed);
    expect(outputOf(program, pyboardProfile)).toBe(printed);
  });
});

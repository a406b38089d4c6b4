import { describe, expect, it } from 'vitest';
import { pyboardProfile } from '../vm/profiles.ts';
import { outputOf } from '../vm/test-machine.ts';

// What is expected was printed by the official Unix port of 1.27.0, for a pyboard by its build for a 32-bit chip with a single-precision unit.

describe('an int', () => {
  it('adds, subtracts and multiplies across the borders of small integers', () => {
    const program = `
for a in (2**30 - 1, -2**30, 2**31, 2**53 - 1, 2**53 + 1, 2**62 - 1, -2**62, 2**63, 10**30):
    print(a + 1, a - 1, a * a, -a, abs(-a), ~a)`;
    const printed = `1073741824 1073741822 1152921502459363329 -1073741823 1073741823 -1073741824
-1073741823 -1073741825 1152921504606846976 1073741824 1073741824 1073741823
2147483649 2147483647 4611686018427387904 -2147483648 2147483648 -2147483649
9007199254740992 9007199254740990 81129638414606663681390495662081 -9007199254740991 9007199254740991 -9007199254740992
9007199254740994 9007199254740992 81129638414606699710187514626049 -9007199254740993 9007199254740993 -9007199254740994
4611686018427387904 4611686018427387902 21267647932558653957237540927630737409 -4611686018427387903 4611686018427387903 -4611686018427387904
-4611686018427387903 -4611686018427387905 21267647932558653966460912964485513216 4611686018427387904 4611686018427387904 4611686018427387903
9223372036854775809 9223372036854775807 85070591730234615865843651857942052864 -9223372036854775808 9223372036854775808 -9223372036854775809
1000000000000000000000000000001 999999999999999999999999999999 1000000000000000000000000000000000000000000000000000000000000 -1000000000000000000000000000000 1000000000000000000000000000000 -1000000000000000000000000000001
`;
    expect(outputOf(program)).toBe(printed);
    expect(outputOf(program, pyboardProfile)).toBe(printed);
  });

  it("divides towards minus infinity, and takes the remainder's sign from the divisor", () => {
    const program = `
for a in (7, -7, 2**53 + 1, -2**64 - 5):
    for b in (3, -3, 2**40 + 1, -2**65):
        print(a // b, a % b, divmod(a, b))`;
    const printed = `2 1 (2, 1)
-3 -2 (-3, -2)
0 7 (0, 7)
-1 -36893488147419103225 (-1, -36893488147419103225)
-3 2 (-3, 2)
2 -1 (2, -1)
-1 1099511627770 (-1, 1099511627770)
0 -7 (0, -7)
3002399751580331 0 (3002399751580331, 0)
-3002399751580331 0 (-3002399751580331, 0)
8191 1099511619586 (8191, 1099511619586)
-1 -36884480948164362239 (-1, -36884480948164362239)
-6148914691236517207 0 (-6148914691236517207, 0)
6148914691236517207 0 (6148914691236517207, 0)
-16777216 16777211 (-16777216, 16777211)
0 -18446744073709551621 (0, -18446744073709551621)
`;
    expect(outputOf(program)).toBe(printed);
    expect(outputOf(program, pyboardProfile)).toBe(printed);
  });

  it('shifts and combines bits as if it had endless sign bits', () => {
    const program = `
a, b = -(1 << 70) - 12345, (1 << 65) + 0xff
print(a & b, a | b, a ^ b, a >> 3, a >> 200, b << 7, 5 << 100, -1 << 40, a & -1, b & 0xffff)
print(-5 >> 1, -1 >> 1000, 0 << 10**9)
for f in (lambda: 1 << -1, lambda: b >> -1, lambda: 1 << (1 << 70)):
    try: print(f())
    except Exception as e: print(repr(e))`;
    const printed = `36893488147419103431 -1180591620717411315713 -1217485108864830419144 -147573952589676414472 -1 4722366482869645246336 6338253001141147007483516026880 -1099511627776 -1180591620717411315769 255
-3 -1 0
ValueError('negative shift count',)
ValueError('negative shift count',)
OverflowError('overflow converting long int to machine word',)
`;
    expect(outputOf(program)).toBe(printed);
    expect(outputOf(program, pyboardProfile)).toBe(printed);
  });

  it('raises to powers, also modulo a third number', () => {
    const program = `
print(3 ** 40, (-2) ** 63, (-2) ** 64, 0 ** 0, 10 ** 25, pow(3, 100, 7), pow(-3, 101, 2**70), pow(2, 10**3, -12345))
print(2 ** -2, pow(10, -1))
for args in ((2, 3, 0), (2, 3.0, 5)):
    try: print(pow(*args))
    except Exception as e: print(repr(e))`;
    const printed = `12157665459056928801 -9223372036854775808 18446744073709551616 1 10000000000000000000000000 4 562356190747899184269 -7004
0.25 0.1
ValueError('divide by zero',)
TypeError('pow() with 3 arguments requires integers',)
`;
    expect(outputOf(program)).toBe(printed);
    expect(outputOf(program, pyboardProfile)).toBe(printed);
  });

  it('is read from text in any base', () => {
    const program = `
print(int(' -12 '), int('0x1f', 16), int('0b101', 0), int('zz', 36), int('1_000'), int(b'77', 8), int('+0o17', 0), int('9' * 30))
for args in (('',), ('1a',), ('0x', 16), ('8', 8), ('1', 1), ('1', 37), ('_' * 3 + '9' * 30,), ('é',), (None,), ('1', None)):
    try: print(int(*args))
    except Exception as e: print(args, repr(e))`;
    expect(outputOf(program)).toBe(`-12 31 5 1295 1000 63 15 999999999999999999999999999999
('',) ValueError("invalid syntax for integer with base 10: ''",)
('1a',) ValueError("invalid syntax for integer with base 10: '1a'",)
('0x', 16) ValueError("invalid syntax for integer with base 16: ''",)
('8', 8) ValueError("invalid syntax for integer with base 8: '8'",)
('1', 1) ValueError('int() arg 2 must be >= 2 and <= 36',)
('1', 37) ValueError('int() arg 2 must be >= 2 and <= 36',)
('___999999999999999999999999999999',) ValueError("invalid syntax for integer with base 10: '___999999999999999999999999999999'",)
('\\xe9',) ValueError("invalid syntax for integer with base 10: '\\\\xc3\\\\xa9'",)
(None,) TypeError("can't convert NoneType to int",)
('1', None) TypeError("can't convert NoneType to int",)
`);
    expect(outputOf(program, pyboardProfile)).toBe(`-12 31 5 1295 1000 63 15 999999999999999999999999999999
('',) ValueError('invalid syntax for integer with base 10',)
('1a',) ValueError('invalid syntax for integer with base 10',)
('0x', 16) ValueError('invalid syntax for integer with base 16',)
('8', 8) ValueError('invalid syntax for integer with base 8',)
('1', 1) ValueError('int() arg 2 must be >= 2 and <= 36',)
('1', 37) ValueError('int() arg 2 must be >= 2 and <= 36',)
('___999999999999999999999999999999',) ValueError('invalid syntax for integer with base 10',)
('\\xe9',) ValueError('invalid syntax for integer with base 10',)
(None,) TypeError("can't convert NoneType to int",)
('1', None) TypeError("can't convert NoneType to int",)
`);
  });

  it("is made of a float's integer part", () => {
    const program = `
print(int(2.9), int(-2.9), int(1e20), int(-0.5), int(True))
for x in (float('inf'), float('-inf'), float('nan')):
    try: print(int(x))
    except Exception as e: print(repr(e))`;
    expect(outputOf(program)).toBe(`2 -2 100000000000000000000 0 1
OverflowError("can't convert inf to int",)
OverflowError("can't convert inf to int",)
ValueError("can't convert NaN to int",)
`);
    expect(outputOf(program, pyboardProfile)).toBe(`2 -2 100000002004087734272 0 1
OverflowError("can't convert inf to int",)
OverflowError("can't convert inf to int",)
ValueError("can't convert NaN to int",)
`);
  });

  it('goes to bytes and back', () => {
    const program = `
print((258).to_bytes(4, 'big'), (258).to_bytes(4, 'little'), (-2).to_bytes(3, 'big'), (1 << 70).to_bytes(10, 'little'), (-(1 << 70)).to_bytes(10, 'big'), (0).to_bytes(0, 'big'))
print(int.from_bytes(b'\\x01\\x02\\x03', 'big'), int.from_bytes(b'\\xff' * 9, 'little'), int.from_bytes(bytearray(2), 'big'), int.from_bytes(b'', 'big'))
for n, length in ((256, 1), (-129, 1), (1 << 80, 10), (-(1 << 79) - 1, 10), (1, -1)):
    try: print(n.to_bytes(length, 'little'))
    except Exception as e: print(repr(e))`;
    const printed = `b'\\x00\\x00\\x01\\x02' b'\\x02\\x01\\x00\\x00' b'\\xff\\xff\\xfe' b'\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00@\\x00' b'\\xff\\xc0\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00' b''
66051 4722366482869645213695 0 0
OverflowError('buffer too small',)
OverflowError('buffer too small',)
OverflowError('buffer too small',)
OverflowError('buffer too small',)
ValueError()
`;
    expect(outputOf(program)).toBe(printed);
    expect(outputOf(program, pyboardProfile)).toBe(printed);
  });

  it('says what it cannot be combined with', () => {
    const program = `
import sys
for f in (lambda: 1 + 'a', lambda: 1 < None, lambda: 2**70 + [], lambda: 1 in 2, lambda: 1 @ 2, lambda: 1 // 0, lambda: 2**70 % 0, lambda: 1 / 0, lambda: [0] * 2**70, lambda: [1][2**70]):
    try: print(f())
    except Exception as e: print(repr(e))`;
    expect(outputOf(program)).toBe(`TypeError("unsupported types for __add__: 'int', 'str'",)
TypeError("unsupported types for __lt__: 'int', 'NoneType'",)
TypeError("unsupported types for __add__: 'int', 'list'",)
TypeError("unsupported types for : 'int', 'int'",)
TypeError("unsupported types for __matmul__: 'int', 'int'",)
ZeroDivisionError('divide by zero',)
ZeroDivisionError('divide by zero',)
ZeroDivisionError('divide by zero',)
OverflowError('overflow converting long int to machine word',)
OverflowError('overflow converting long int to machine word',)
`);
  });

  it('hashes to itself when it is small, and to its low bits otherwise', () => {
    const program = `
print(hash(5), hash(-5), hash(2**70 + 3), hash(-2**70), hash(2**31 + 1), hash(True))
print({1: 'a', 1.0: 'b', True: 'c', 2**70: 'd'}[1])`;
    expect(outputOf(program)).toBe(`5 -5 3 0 2147483649 1
c
`);
    expect(outputOf(program, pyboardProfile)).toBe(`5 -5 3 0 1 1
c
`);
  });

  it('is converted to a float digit by digit, each sum rounded', () => {
    const program = `
print(float(8324346855114586204154277961204), 8324346855114586204154277961204 / 3, 2**64 * 1.0, float(2**200), float(-2**130), 2**2000 * 1.0)`;
    expect(
      outputOf(program),
    ).toBe(`8.324346855114586e+30 2.774782285038195e+30 1.8446744073709552e+19 1.6069380442589903e+60 -1.361129467683754e+39 inf
`);
    expect(outputOf(program, pyboardProfile)).toBe(`8.324347e+30 2.7747824e+30 1.8446744e+19 inf -inf inf
`);
  });
});

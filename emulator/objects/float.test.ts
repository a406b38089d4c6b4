import { describe, expect, it } from 'vitest';
import { pyboardProfile } from '../vm/profiles.ts';
import { outputOf } from '../vm/test-machine.ts';

// What is expected was printed by the official Unix port of 1.27.0, for a pyboard by its build for a 32-bit chip with a single-precision unit.

describe('a float', () => {
  it('has the digits that read back as the same number', () => {
    const program = `
for x in (0.1, 1/3, 1e16, 1e15, 123456789.0, 1e-5, 0.0001, 5e-324, 1.7976931348623157e308, -0.0, 2.5, 100.0, 1e100, float('inf'), float('-inf'), float('nan')):
    print(x, repr(-x))`;
    expect(outputOf(program)).toBe(`0.1 -0.1
0.3333333333333333 -0.3333333333333333
1e+16 -1e+16
1000000000000000.0 -1000000000000000.0
123456789.0 -123456789.0
1e-05 -1e-05
0.0001 -0.0001
4.940656458412465e-324 -4.940656458412465e-324
1.7976931348623157e+308 -1.7976931348623157e+308
-0.0 0.0
2.5 -2.5
100.0 -100.0
1e+100 -1e+100
inf -inf
-inf inf
nan nan
`);
    expect(outputOf(program, pyboardProfile)).toBe(`0.1 -0.1
0.33333334 -0.33333334
1e+16 -1e+16
1000000000000000.0 -1000000000000000.0
123456790.0 -123456790.0
1e-05 -1e-05
0.0001 -0.0001
0.0 -0.0
inf -inf
-0.0 0.0
2.5 -2.5
100.0 -100.0
inf -inf
inf -inf
-inf inf
nan nan
`);
  });

  it('divides towards minus infinity, and keeps the sign of zeros', () => {
    const program = `
for a in (7.5, -7.5, 0.0, -0.0, 1e10):
    for b in (2.0, -2.0, 0.3):
        print(a // b, a % b, divmod(a, b), a / b)`;
    expect(outputOf(program)).toBe(`3.0 1.5 (3.0, 1.5) 3.75
-4.0 -0.5 (-4.0, -0.5) -3.75
25.0 2.7755575615628914e-16 (25.0, 2.7755575615628914e-16) 25.0
-4.0 0.5 (-4.0, 0.5) -3.75
3.0 -1.5 (3.0, -1.5) 3.75
-26.0 0.2999999999999997 (-26.0, 0.2999999999999997) -25.0
0.0 0.0 (0.0, 0.0) 0.0
-0.0 -0.0 (-0.0, -0.0) -0.0
0.0 0.0 (0.0, 0.0) 0.0
-0.0 0.0 (-0.0, 0.0) -0.0
0.0 -0.0 (0.0, -0.0) 0.0
-0.0 0.0 (-0.0, 0.0) -0.0
5000000000.0 0.0 (5000000000.0, 0.0) 5000000000.0
-5000000000.0 -0.0 (-5000000000.0, -0.0) -5000000000.0
33333333333.0 0.10000037007434154 (33333333333.0, 0.10000037007434154) 33333333333.333336
`);
    expect(outputOf(program, pyboardProfile)).toBe(`3.0 1.5 (3.0, 1.5) 3.75
-4.0 -0.5 (-4.0, -0.5) -3.75
24.0 0.2999997 (24.0, 0.2999997) 24.999998
-4.0 0.5 (-4.0, 0.5) -3.75
3.0 -1.5 (3.0, -1.5) 3.75
-25.0 2.9802324e-07 (-25.0, 2.9802324e-07) -24.999998
0.0 0.0 (0.0, 0.0) 0.0
-0.0 -0.0 (-0.0, -0.0) -0.0
0.0 0.0 (0.0, 0.0) 0.0
-0.0 0.0 (-0.0, 0.0) -0.0
0.0 -0.0 (0.0, -0.0) 0.0
-0.0 0.0 (-0.0, 0.0) -0.0
5000000000.0 0.0 (5000000000.0, 0.0) 5000000000.0
-5000000000.0 -0.0 (-5000000000.0, -0.0) -5000000000.0
33333332000.0 0.2357173 (33333332000.0, 0.2357173) 33333332000.0
`);
  });

  it('raises to powers like the C library', () => {
    const program = `
for x, y in ((2.0, 0.5), (10, -4), (1.1, 7), (0.5, -3), (-2.0, 3), (-2.0, -2), (1.0, float('nan')), (0.0, 0), (2.5, 2.5), (1e10, 3), (0.1, 20)):
    print(x ** y)
for x, y in ((0.0, -1), (0, -2.5)):
    try: print(x ** y)
    except Exception as e: print(repr(e))`;
    expect(outputOf(program)).toBe(`1.4142135623730951
0.0001
1.9487171000000012
8.0
-8.0
0.25
1.0
1.0
9.882117688026186
1e+30
1.0000000000000011e-20
ZeroDivisionError('divide by zero',)
ZeroDivisionError('divide by zero',)
`);
    expect(outputOf(program, pyboardProfile)).toBe(`1.4142135
0.0001
1.9487174
8.0
-8.0
0.25
1.0
1.0
9.882118
1e+30
1.0000003e-20
ZeroDivisionError('divide by zero',)
ZeroDivisionError('divide by zero',)
`);
  });

  it('compares with integers of any size by value', () => {
    const program = `
print(1.0 == 1, 1.5 > 1, 2.0**70 == 2**70, 2**70 < 1e30, float('nan') == float('nan'), float('inf') > 10**400 if 0 else True, 0.0 == -0.0, 1 == True == 1.0)`;
    const printed = `True True True True False True True True
`;
    expect(outputOf(program)).toBe(printed);
    expect(outputOf(program, pyboardProfile)).toBe(printed);
  });

  it('is read from text', () => {
    const program = `
for s in ('1.5', ' -2e3 ', '.5', '5.', '1_000.5', 'inf', '-Infinity', 'NaN', '1e400', '-1e-400', '0.1e1'):
    print(float(s))
for s in ('', '.', '1e', '1.5x', '0x10', '1 2', b'2.5', bytearray(b'3.5'), None, [], '1j'):
    try: print(float(s))
    except Exception as e: print(repr(e))`;
    const printed = `1.5
-2000.0
0.5
5.0
1000.5
inf
-inf
nan
inf
-0.0
1.0
ValueError('invalid syntax for number',)
0.0
ValueError('invalid syntax for number',)
ValueError('invalid syntax for number',)
ValueError('invalid syntax for number',)
ValueError('invalid syntax for number',)
2.5
3.5
TypeError("can't convert NoneType to float",)
TypeError("can't convert list to float",)
ValueError('invalid syntax for number',)
`;
    expect(outputOf(program)).toBe(printed);
    expect(outputOf(program, pyboardProfile)).toBe(printed);
  });

  it('says what it cannot be combined with', () => {
    const program = `
for f in (lambda: 1.5 + 'a', lambda: 1.5 << 1, lambda: ~1.5, lambda: 1.5 < 'a', lambda: 1.0 // 0, lambda: 1.0 % 0.0, lambda: divmod(1.0, 0), lambda: [1][0.0], lambda: 1.5 in 2.5):
    try: print(f())
    except Exception as e: print(repr(e))`;
    expect(outputOf(program)).toBe(`TypeError("unsupported types for __add__: 'float', 'str'",)
TypeError("unsupported types for __lshift__: 'float', 'int'",)
TypeError("unsupported type for __invert__: 'float'",)
TypeError("unsupported types for __lt__: 'float', 'str'",)
ZeroDivisionError('divide by zero',)
ZeroDivisionError('divide by zero',)
ZeroDivisionError('divide by zero',)
TypeError('list indices must be integers, not float',)
TypeError("'float' object isn't iterable",)
`);
  });

  it('is rounded to single precision after each operation on a board that has no more', () => {
    const program = `
x = 0.1
print(x + 0.2, x * 3, 16777216.0 + 1, 1e38 * 10, 1e-45, 1e-46, 73324.3593480438 ** 3, 2 ** 0.5, 16777217 * 1.0, 123456789 / 7)`;
    expect(
      outputOf(program, pyboardProfile),
    ).toBe(`0.3 0.3 16777216.0 inf 4.29496618e-44 0.0 394225600000000.0 1.4142135 16777216.0 17636684.0
`);
  });

  it('takes part in complex arithmetic', () => {
    const program = `
print(1.5 + 2j, (1 + 2j) * (3 - 1j), (1 + 2j) / (3 - 4j), abs(3 + 4j), -(1j), (2 + 0j) ** 3, complex('1-2j'), complex(1, 2j), (1.5 + 0j) == 1.5, 1j == 1j, (1 + 2j).imag)
for f in (lambda: 1j // 2, lambda: 1j / 0, lambda: 1j < 2, lambda: 0j ** -1, lambda: complex('x'), lambda: int(1j), lambda: complex('1', 2)):
    try: print(f())
    except Exception as e: print(repr(e))`;
    expect(outputOf(program)).toBe(`(1.5+2j) (5+5j) (-0.2+0.4j) 5.0 -1j (7.999999999999998+0j) (1-2j) (-1+0j) True True 2.0
TypeError("can't truncate-divide a complex number",)
ZeroDivisionError('complex divide by zero',)
TypeError("unsupported types for __lt__: 'complex', 'int'",)
ZeroDivisionError('0.0 to a complex power',)
ValueError('invalid syntax for number',)
TypeError("can't convert complex to int",)
TypeError("can't convert str to float",)
`);
    expect(outputOf(program, pyboardProfile)).toBe(`(1.5+2j) (5+5j) (-0.199999984+0.399999968j) 5.0 -1j (8+0j) (1-2j) (-1+0j) True True 2.0
TypeError("can't truncate-divide a complex number",)
ZeroDivisionError('complex divide by zero',)
TypeError("unsupported types for __lt__: 'complex', 'int'",)
ZeroDivisionError('0.0 to a complex power',)
ValueError('invalid syntax for number',)
TypeError("can't convert complex to int",)
TypeError("can't convert str to float",)
`);
  });
});

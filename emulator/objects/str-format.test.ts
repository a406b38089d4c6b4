import { describe, expect, it } from 'vitest';
import { pyboardProfile } from '../vm/profiles.ts';
import { outputOf } from '../vm/test-machine.ts';

// What is expected was printed by the official Unix port of 1.27.0, for a pyboard by its build for a 32-bit chip with a single-precision unit.

describe('formatting', () => {
  it('with str.format fills, aligns, signs and groups', () => {
    const program = `
print('{:5}|{:<5}|{:>5}|{:^5}|{:*^7}|{:05}|{:+}|{: }|{:=6}|{:,}|{:_}|{:09,}'.format(1, 2, 3, 4, 5, -6, 7, 8, -9, 1234567, 1234567, 12345))
print('{:x} {:X} {:#x} {:o} {:#o} {:b} {:#b} {:c} {:#010x} {:_x}'.format(255, 255, 255, 8, 8, 5, 5, 65, 255, 1 << 40))
print('{:s}|{:5s}|{:.2s}|{:>6.2s}|{!r:>6}|{:^6}'.format('abc', 'ab', 'abc', 'abc', 'a', 'é'))
print('{:f} {:.2f} {:e} {:G} {:.3g} {:%} {:10.3f}| {:+.1e} {:,.2f} {:n} {}'.format(1.5, 2.345, 12345.678, 1e-10, 1234.5, 0.25, 3.14159, -5.5, 1234.5, 7, 2.0))
print('{0} {1} {0} {a} {{}} {2!r:>5} {a:{w}}'.format(1, 'b', 'c', a='d', w=4))`;
    const printed = `    1|2    |    3|  4  |***5***|-0006|+7| 8|-    9|1,234,567|1_234_567|0,012,345
ff FF 0xff 10 0o10 101 0b101 A 0x000000ff 100_0000_0000
abc|ab   |ab|    ab|   'a'|  é  
1.500000 2.35 1.234568e+04 1E-10 1.23e+03 25.000000%      3.142| -5.5e+00 1234.50 7 2.0
1 b 1 d {}   'c' d   
`;
    expect(outputOf(program)).toBe(printed);
    expect(outputOf(program, pyboardProfile)).toBe(printed);
  });

  it('with str.format refuses what is no format', () => {
    const program = `
for f, args in (('{', ()), ('}', ()), ('{}', ()), ('{1}', (1,)), ('{a}', ()), ('{0}{}', (1, 2)), ('{}{0}', (1, 2)), ('{!x}', (1,)), ('{!', (1,)), ('{:q}', (1,)), ('{:d}', ('a',)), ('{:s}', (1,)), ('{:f}', ('a',)), ('{:+s}', ('a',)), ('{:+c}', (1,)), ('{:=5}', ('a',)), ('{0.a}', (1,)), ('{!r', (1,)), ('{:d}', (1.5,)), ('{:10', (1,))):
    try: print(f.format(*args))
    except Exception as e: print(f, repr(e))`;
    expect(outputOf(program)).toBe(`{ ValueError("unmatched '{' in format",)
} ValueError("single '}' encountered in format string",)
{} IndexError('tuple index out of range',)
{1} IndexError('tuple index out of range',)
{a} KeyError('a',)
{0}{} ValueError("can't switch from manual field specification to automatic field numbering",)
{}{0} ValueError("can't switch from automatic field numbering to manual field specification",)
{!x} ValueError('unknown conversion specifier x',)
{! ValueError('end of format while looking for conversion specifier',)
{:q} ValueError('invalid format specifier',)
{:d} ValueError("unknown format code 'd' for object of type 'str'",)
{:s} ValueError("unknown format code 's' for object of type 'int'",)
{:f} ValueError("unknown format code 'f' for object of type 'str'",)
{:+s} ValueError('sign not allowed in string format specifier',)
{:+c} ValueError("sign not allowed with integer format specifier 'c'",)
{:=5} ValueError("'=' alignment not allowed in string format specifier",)
{0.a} NotImplementedError('attributes not supported',)
{!r ValueError("unmatched '{' in format",)
{:d} ValueError("unknown format code 'd' for object of type 'float'",)
{:10 ValueError("unmatched '{' in format",)
`);
    expect(outputOf(program, pyboardProfile)).toBe(`{ ValueError("unmatched '{' in format",)
} ValueError("single '}' encountered in format string",)
{} IndexError('tuple index out of range',)
{1} IndexError('tuple index out of range',)
{a} KeyError('a',)
{0}{} ValueError("can't switch from manual field specification to automatic field numbering",)
{}{0} ValueError("can't switch from automatic field numbering to manual field specification",)
{!x} ValueError('bad conversion specifier',)
{! ValueError('bad conversion specifier',)
{:q} ValueError('invalid format specifier',)
{:d} ValueError("unknown format code 'd' for object of type 'str'",)
{:s} ValueError("unknown format code 's' for object of type 'int'",)
{:f} ValueError("unknown format code 'f' for object of type 'str'",)
{:+s} ValueError('sign not allowed in string format specifier',)
{:+c} ValueError("sign not allowed with integer format specifier 'c'",)
{:=5} ValueError("'=' alignment not allowed in string format specifier",)
{0.a} NotImplementedError('attributes not supported',)
{!r ValueError("unmatched '{' in format",)
{:d} ValueError("unknown format code 'd' for object of type 'float'",)
{:10 ValueError("unmatched '{' in format",)
`);
  });

  it('with % takes flags, widths and precisions', () => {
    const program = `
print('%d|%5d|%-5d|%05d|%+d|% d|%x|%#X|%o|%#o|%.3d|%8.3d|%-8.3d|' % (1, 2, 3, -4, 5, 6, 255, 255, 8, 8, 7, 8, 9))
print('%s|%5s|%-5s|%.2s|%r|%c|%c|%%|%i|%u' % ('a', 'b', 'c', 'abc', 'd', 'e', 102, 7, 8))
print('%f|%.1f|%e|%g|%10.2f|%-10.2f|%+.3g|%05.1f|%d' % (1.5, 2.25, 3e10, 1e-7, 3.14159, 2.5, 1000.0, -2.5, 3.9))
print('%*d|%.*f|%-*d|' % (5, 1, 2, 3.14159, 4, 2), '%(a)s %(b)03d' % {'a': 1, 'b': 2}, 'plain' % (), '%s' % (1,), '%s' % [1, 2], b'%s %d' % (b'x', 5), b'%s' % 'é')`;
    const printed = `1|    2|3    |-0004|+5| 6|ff|0XFF|10|0o10|007|     008|009     |
a|    b|c    |ab|'d'|e|f|%|7|8
1.500000|2.3|3.000000e+10|1e-07|      3.14|2.50      |+1e+03|-02.5|3
    1|3.14|2   | 1 002 plain 1 [1, 2] b'x 5' b'\\xc3\\xa9'
`;
    expect(outputOf(program)).toBe(printed);
    expect(outputOf(program, pyboardProfile)).toBe(printed);
  });

  it('with % refuses what does not fit', () => {
    const program = `
for f, v in (('%d', 'a'), ('%d', ()), ('%d', (1, 2)), ('%', 1), ('%z', 1), ('%c', 'ab'), ('%c', 1.5), ('%(a)s', 1), ('%(a)s', {}), ('%(a', {}), ('%x', 1.5), ('%s', ()), ('x', 1), ('%5', 1), ('%d', None)):
    try: print(f % v)
    except Exception as e: print(f, repr(e))`;
    const printed = `%d TypeError("can't convert str to int",)
%d TypeError('format string needs more arguments',)
%d TypeError("format string didn't convert all arguments",)
% ValueError('incomplete format',)
%z ValueError("unsupported format character 'z' (0x7a) at index 1",)
%c TypeError('%c needs int or char',)
%c TypeError('integer needed',)
%(a)s TypeError('format needs a dict',)
%(a)s KeyError('a',)
%(a ValueError('incomplete format key',)
%x TypeError("can't convert float to int",)
%s TypeError('format string needs more arguments',)
x TypeError("format string didn't convert all arguments",)
%5 ValueError('incomplete format',)
%d TypeError("can't convert NoneType to int",)
`;
    expect(outputOf(program)).toBe(printed);
    expect(outputOf(program, pyboardProfile)).toBe(printed);
  });

  it('cuts what float formats have no room for', () => {
    const program = `
print('%.30f|%.40e|%50.3f|%g|%.0f|%.0e' % (1/3, 1/3, 1e20, 1e100, 2.5, 12345.0))
print('{:.20f} {:.25g} {:f}'.format(1e10, 0.1, 1e25))`;
    expect(
      outputOf(program),
    ).toBe(`0.33333333333333330000000000000|3.333333333333333000000000e-01|                         100000000000000000000.000|1e+100|3|1e+04
10000000000.0000000000000000000 0.1 10000000000000000000000000.0000
`);
    expect(
      outputOf(program, pyboardProfile),
    ).toBe(`0.33333334000000000000000000000|3.3333334000000000000000000e-01|                         100000000000000000000.000|inf|3|1e+04
10000000000.0000000000000000000 0.1 10000000000000000000000000.0000
`);
  });
});

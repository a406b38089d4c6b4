/**
 * Programs for comparing two implementations: any expressions over any built-in values, inside statements that catch, loop, define and yield.
 * Most of them raise somewhere, which is as good to compare as a value. What is printed hangs on no address and on no time.
 */
import fc, { type Arbitrary } from 'fast-check';

const integers = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -9, max: 20 }).map(String) },
  fc.constantFrom('255', '-256', '1073741823', '1073741824', '-1073741824', '-1073741825', '0x7fffffffffffffff', '1 << 70', '-(1 << 65)'),
);
const floats = fc.constantFrom('0.0', '-0.0', '0.5', '-1.25', '1e10', '1e-7', '123456.75', "float('inf')", "float('nan')", '2.5', '1e300');
const strings = fc.constantFrom(
  "''",
  "'a'",
  "'abc'",
  "'Hello, World'",
  "'\\u20ac5'",
  "'a,b,,c'",
  "' x '",
  "'%d:%s'",
  "'{}-{}'",
  "'12'",
  "'-7'",
  "'1.5'",
);
const bytes = fc.constantFrom("b''", "b'abc'", "b'\\x00\\xff'", "bytearray(b'xyz')", 'bytes(3)', 'bytearray(2)');
const names = fc.constantFrom('a', 'b', 'c', 'd');
const constants = fc.constantFrom('None', 'True', 'False', '...', 'NotImplemented');

const binary = fc.constantFrom(
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '**',
  '<<',
  '>>',
  '&',
  '|',
  '^',
  '@',
  '<',
  '>',
  '<=',
  '>=',
  '==',
  '!=',
  'in',
  'not in',
  'is',
  'and',
  'or',
);
const functions = fc.constantFrom(
  'abs',
  'all',
  'any',
  'bin',
  'bool',
  'bytes',
  'callable',
  'chr',
  'complex',
  'dict',
  'divmod',
  'enumerate',
  'float',
  'hex',
  'int',
  'isinstance',
  'iter',
  'len',
  'list',
  'max',
  'min',
  'next',
  'oct',
  'ord',
  'pow',
  'range',
  'repr',
  'reversed',
  'round',
  'set',
  'frozenset',
  'slice',
  'sorted',
  'str',
  'sum',
  'tuple',
  'type',
  'zip',
  'bytearray',
  'map',
  'filter',
  'getattr',
  'hasattr',
);
const methods = fc.constantFrom(
  'append',
  'clear',
  'copy',
  'count',
  'decode',
  'encode',
  'endswith',
  'extend',
  'find',
  'format',
  'fromkeys',
  'get',
  'index',
  'insert',
  'isalpha',
  'isdigit',
  'isspace',
  'items',
  'join',
  'keys',
  'lower',
  'lstrip',
  'partition',
  'pop',
  'popitem',
  'remove',
  'replace',
  'reverse',
  'rfind',
  'rpartition',
  'rsplit',
  'rstrip',
  'setdefault',
  'sort',
  'split',
  'splitlines',
  'startswith',
  'strip',
  'to_bytes',
  'update',
  'upper',
  'values',
  'add',
  'discard',
  'difference',
  'intersection',
  'issubset',
  'union',
  'symmetric_difference',
  'center',
  'start',
  'stop',
  'real',
  'imag',
  'send',
  'close',
);

/** Results that may be huge are cut by the statement that prints them; sizes that exhaust memory are not generated. */
const expression: Arbitrary<string> = fc.letrec<{ expr: string; atom: string }>(tie => {
  const expr = tie('expr');
  const list = (max: number): Arbitrary<string> => fc.array(expr, { maxLength: max }).map(items => items.join(', '));
  return {
    atom: fc.oneof({ weight: 4, arbitrary: integers }, { weight: 3, arbitrary: names }, strings, floats, bytes, constants),
    expr: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      tie('atom'),
      tie('atom'),
      fc.tuple(expr, binary, expr).map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc.tuple(fc.constantFrom('-', '+', '~', 'not '), expr).map(([op, a]) => `(${op}${a})`),
      list(3).map(items => `[${items}]`),
      list(3).map(items => `(${items}${items === '' ? '' : ','})`),
      fc.tuple(expr, expr).map(([k, v]) => `{${k}: ${v}}`),
      fc.tuple(expr).map(([v]) => `{${v}}`),
      fc.tuple(expr, expr).map(([a, i]) => `${a}[${i}]`),
      fc.tuple(expr, fc.option(expr), fc.option(expr)).map(([a, i, j]) => `${a}[${i ?? ''}:${j ?? ''}]`),
      fc.tuple(expr, fc.constantFrom('::2', '::-1', '1::3', ':-1:2')).map(([a, s]) => `${a}[${s}]`),
      fc.tuple(functions, list(2)).map(([f, args]) => `${f}(${args})`),
      fc.tuple(expr, methods, list(2)).map(([a, m, args]) => `${a}.${m}(${args})`),
      fc.tuple(expr, expr, expr).map(([a, c, b]) => `(${a} if ${c} else ${b})`),
      fc.tuple(expr, expr).map(([f, a]) => `(lambda x, y=${a}: (x, y, ${f}))(1)`),
      fc.tuple(expr, expr).map(([v, s]) => `[(${v}, x) for x in ${s}]`),
      fc.tuple(expr, expr).map(([v, s]) => `sorted(x for x in ${s} if ${v})`),
      fc.tuple(strings, expr).map(([s, a]) => `(${s} % ${a})`),
      fc.tuple(strings, list(2)).map(([s, args]) => `${s}.format(${args})`),
      fc
        .tuple(expr, fc.constantFrom('', '!r', ':>5', ':05d', ':x', ':.2f', ':e', ':g', ':^9', ':,'))
        .map(([a, spec]) => `"{${spec}}".format(${a})`),
    ),
  };
}).expr;

const indent = (text: string): string => text.replace(/^/gm, '    ');

const statement: Arbitrary<string> = fc.letrec<{ stmt: string; body: string }>(tie => ({
  body: fc.array(tie('stmt'), { minLength: 1, maxLength: 3 }).map(lines => indent(lines.join('\n'))),
  stmt: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    expression.map(e => `show(lambda: ${e})`),
    expression.map(e => `show(lambda: ${e})`),
    fc.tuple(names, expression).map(([n, e]) => `${n} = ${e}`),
    fc.tuple(names, fc.constantFrom('+', '-', '*', '|', '&', '%', '//'), expression).map(([n, op, e]) => `${n} ${op}= ${e}`),
    fc.tuple(expression).map(([e]) => `a, *b = ${e}`),
    fc.tuple(names, expression, expression).map(([n, i, e]) => `${n}[${i}] = ${e}`),
    fc.tuple(expression, tie('body'), tie('body')).map(([c, t, f]) => `if ${c}:\n${t}\nelse:\n${f}`),
    fc.tuple(names, expression, tie('body')).map(([n, s, b]) => `for _i, ${n} in zip(range(4), ${s}):\n${b}`),
    fc.tuple(tie('body'), tie('body')).map(([t, f]) => `try:\n${t}\nfinally:\n${f}`),
    fc
      .tuple(tie('body'), fc.constantFrom('TypeError', 'ValueError', '(KeyError, IndexError)', 'Exception'), tie('body'))
      .map(([t, kind, h]) => `try:\n${t}\nexcept ${kind} as e:\n    print('caught', type(e).__name__, e)\n${h}`),
    fc
      .tuple(tie('body'), expression)
      .map(([b, e]) => `def f(a, b=2, *c, d=4, **k):\n${b}\n    return ${e}\nshow(lambda: f(1))\nshow(lambda: f(1, 2, 3, d=5, z=6))`),
    fc
      .tuple(expression, expression)
      .map(
        ([x, y]) =>
          `def g():\n    a = b = c = d = 1\n    r = yield ${x}\n    print('sent', r)\n    yield from ${y}\n    return 7\nshow(lambda: list(g()))`,
      ),
    fc
      .tuple(expression, expression)
      .map(
        ([x, y]) =>
          `class K:\n    v = 3\n    def __init__(self):\n        self.w = 4\n    def __add__(self, o):\n        return (self.w, ${x})\n    def __getitem__(self, i):\n        if type(i) is int and i > 3:\n            raise IndexError\n        return i\n    def __len__(self):\n        return ${y}\n    def __repr__(self):\n        return 'K'\n    def __eq__(self, o):\n        return True\nshow(lambda: K() + 1)\nshow(lambda: len(K()))\nshow(lambda: list(K()))\na = K()`,
      ),
  ),
})).stmt;

/** Prints a value, cut short, or the exception that came instead. What shows an address is left out. */
const PRELUDE = `
def show(f):
    try:
        r = repr(f())
        if ' at 0x' in r or 'object' in r:
            r = 'at some address'
        print(r[:200])
    except MemoryError:
        print('MemoryError')
    except Exception as e:
        m = str(e)
        print(type(e).__name__, m if '0x' not in m else '')
a, b, c, d = 1, 'two', [3, 4], {5: 6}
`;

/** A shift or a power by a huge number takes all memory, or all day, on both sides. */
const harmless = (source: string): boolean =>
  !/(\*\*|<<)/.test(source) || !/(1 << 70|1e10|0x7f|107374|1e300|\*\*.*\*\*|<<.*<<)/.test(source);

export const program: Arbitrary<string> = fc
  .array(statement, { minLength: 1, maxLength: 5 })
  .map(statements => statements.join('\n'))
  .filter(harmless)
  .map(body => `${PRELUDE}${body}\n`);

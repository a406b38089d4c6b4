/** Random programs of guest code: assignments, loops that end, functions, classes, generators, exceptions. */
import fc from 'fast-check';
import { type Expressions, expressions } from './expressions.ts';

/** A program's lines; those of a nested block are indented when it is put together. */
type Block = readonly string[];
type Statement = fc.Arbitrary<Block>;

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const indent = (block: Block): string[] => block.map(line => `    ${line}`);
const name = fc.constantFrom(...NAMES);
const ERRORS = ['ValueError', 'TypeError', 'IndexError', 'KeyError', 'ZeroDivisionError', 'Exception', 'LookupError', 'ArithmeticError'];
const error = fc.constantFrom(...ERRORS);

/** Without variables: a container that holds itself prints until the stack is used up, which is deeper on one build than on another. */
const closed = expressions();

/** Statements that stand inside a function as well as in a module. */
function statement(e: Expressions, depth: number): Statement {
  const simple: Statement[] = [
    fc.tuple(name, e.any).map(([n, x]) => [`${n} = ${x}`]),
    fc.tuple(name, fc.constantFrom('+=', '-=', '*=', '|=', '&='), fc.oneof(e.int, e.set)).map(([n, op, x]) => [`${n} ${op} ${x}`]),
    fc.tuple(name, name, e.tuple).map(([n, m, x]) => [`${n}, *${m} = ${x}`]),
    fc.tuple(name, name).map(([n, m]) => [`${n}, ${m} = ${m}, ${n}`]),
    e.any.map(x => [`print(${x})`]),
    fc.tuple(name, e.any).map(([n, x]) => [`print((${n} := ${x}), ${n})`]),
    fc.tuple(name, e.any).map(([n, x]) => [`${n} = [${x}]`, `${n}.append(${n}[0])`, `print(${n})`]),
    fc.tuple(name, e.str, closed.any).map(([n, k, v]) => [`${n} = {}`, `${n}[${k}] = ${v}`, `print(${n}.items(), len(${n}))`]),
    e.bool.map(x => [`assert ${x}, 'no'`]),
    fc.tuple(error, e.any).map(([type, x]) => [`raise ${type}(${x})`]),
    fc.constantFrom(...NAMES).map(n => [`del ${n}`, `${n} = 0`]),
  ];
  if (depth === 0) return fc.oneof(...simple);
  const inner = block(e, depth - 1);
  return fc.oneof(
    { withCrossShrink: true },
    ...simple,
    fc.tuple(e.bool, inner, inner).map(([test, yes, no]) => [`if ${test}:`, ...indent(yes), 'else:', ...indent(no)]),
    fc
      .tuple(name, e.list, inner, e.bool)
      .map(([n, items, body, test]) => [
        `for ${n} in ${items}[:4]:`,
        ...indent(body),
        `    if ${test}: break`,
        'else:',
        "    print('else')",
      ]),
    inner.map(body => ['_n = 3', 'while _n:', '    _n -= 1', ...indent(body)]),
    fc
      .tuple(inner, error, inner, inner)
      .map(([body, type, handler, final]) => [
        'try:',
        ...indent(body),
        `except ${type} as caught:`,
        '    print(repr(caught))',
        ...indent(handler),
        'finally:',
        ...indent(final),
      ]),
    fc.tuple(inner, fc.boolean()).map(([body, swallows]) => [`with Manager(${swallows ? 'True' : 'False'}) as entered:`, ...indent(body)]),
  );
}

const block = (e: Expressions, depth: number): Statement =>
  fc.array(statement(e, depth), { minLength: 1, maxLength: 3 }).map(list => list.flat());

/** Definitions, each with a use. */
function definition(e: Expressions): Statement {
  const body = block(e, 1);
  return fc.oneof(
    { withCrossShrink: true },
    fc
      .tuple(body, e.any, e.any, e.any)
      .map(([lines, result, first, second]) => [
        'def f(a, b=2, *args, c=3, **d):',
        '    e = len(args)',
        ...indent(lines),
        `    return ${result}`,
        `print(f(${first}, ${second}))`,
        `print(f(1, *[${first}, 5], c=${second}, z=0))`,
      ]),
    fc
      .tuple(body, e.any)
      .map(([lines, sent]) => [
        'def g(a, b=1, c=2, d=3, e=4):',
        '    got = yield a',
        "    print('got', got)",
        ...indent(lines),
        '    yield from [b, c]',
        '    return d',
        `i = g(${sent})`,
        'print(next(i))',
        `print(i.send(${sent}))`,
        'print(list(i))',
      ]),
    fc
      .tuple(body, e.any, e.any)
      .map(([lines, x, y]) => [
        'class K:',
        `    shared = ${x}`,
        '    def __init__(self, a, b=0):',
        '        c = d = e = b',
        ...indent(indent(lines)),
        '        self.a = a',
        '    def __eq__(self, other):',
        "        print('eq')",
        '        return isinstance(other, K)',
        '    def __add__(self, other):',
        '        return K(other)',
        '    def __repr__(self):',
        "        return 'K(%r)' % (self.a,)",
        '    @property',
        '    def twice(self):',
        '        return (self.a, self.a)',
        'class L(K):',
        '    def __len__(self):',
        '        return 3',
        `k = L(${y})`,
        'print(k, k + 1, k == K(0), len(k), k.twice, L.shared, isinstance(k, K))',
      ]),
    fc
      .tuple(e.any, e.int)
      .map(([x, n]) => [
        'def outer(a):',
        '    count = 0',
        '    def inner(step):',
        '        nonlocal count',
        '        count += step',
        `        return count, a, ${x}`,
        '    return inner',
        `h = outer(${n})`,
        `print(h(${n}), h(1))`,
      ]),
  );
}

/** Each piece stands in a function of its own `try`, so that one that raises does not hide the others. */
function guarded(lines: Block): string[] {
  return ['try:', ...indent(lines), 'except Exception as problem:', '    print(type(problem).__name__, problem.args)'];
}

const PRELUDE = [
  'a = 1',
  "b = 'two'",
  'c = [3]',
  'd = {4: 5}',
  'e = None',
  'class Manager:',
  '    def __init__(self, swallows):',
  '        self.swallows = swallows',
  '    def __enter__(self):',
  '        return self',
  '    def __exit__(self, type, value, traceback):',
  "        print('exit', type.__name__ if type else None)",
  '        return self.swallows',
];

/** A whole program. */
export function programs(): fc.Arbitrary<string> {
  const e = expressions(NAMES);
  const piece = fc.oneof(statement(e, 2), definition(e));
  return fc
    .array(piece, { minLength: 1, maxLength: 6 })
    .map(pieces => [...PRELUDE, ...pieces.flatMap(lines => [...guarded(lines), 'print(a, b, c, d, e)'])].join('\n') + '\n');
}

/** A program that shows the value of one expression after another, or the exception that it raises. */
export function expressionPrograms(): fc.Arbitrary<string> {
  return fc
    .array(expressions().any, { minLength: 1, maxLength: 12 })
    .map(list => list.flatMap(expression => guarded([`print(repr(${expression}))`])).join('\n') + '\n');
}

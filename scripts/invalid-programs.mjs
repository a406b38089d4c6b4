// Programs that are wrong in many ways: mutations of right ones, and statements that each break a rule of the language.

/** Random integers below n from a seed (mulberry32). */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return n => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

/** Right programs to start from; between them they use the whole grammar. */
const PROGRAMS = [
  'import a.b.c as d, e\nfrom . import x\nfrom ..y import (z as w, v,)\nfrom m import *\n',
  'def f(a, b=1, *args, c, d=2, **kw) -> int:\n    "doc"\n    return a if b else c, d\n\nprint(f(1, *x, c=2, **y))\n',
  'class A(B, metaclass=C):\n    x: int = 1\n    y: str\n\n    def __init__(self):\n        super().__init__()\n        self.z[0].q += 1\n\n    @property\n    def p(self):\n        return self\n',
  'for i in range(10):\n    if i > 5:\n        break\n    elif i == 3:\n        continue\n    else:\n        pass\nelse:\n    print(i)\n',
  'while True:\n    try:\n        x = 1\n    except (ValueError, TypeError) as e:\n        raise RuntimeError from e\n    except:\n        pass\n    else:\n        y = 2\n    finally:\n        del x, y[0], z.a\n',
  'with open(a) as f, b:\n    for x, *y in f:\n        print(x, y)\n',
  'async def g():\n    async with a as b:\n        await c\n    async for x in y:\n        yield x\n    await z.q()\n',
  'def outer():\n    x = 1\n\n    def inner():\n        nonlocal x\n        global y\n        x, y = y, x\n        return lambda q, r=2: q + x\n\n    return inner\n',
  'a = [x for x in y if x if not z]\nb = {k: v for k, v in c.items()}\nd = {x for x in (1, 2)}\ne = (x for a in b for x in a)\n',
  'x = {1: 2, 3: 4}\ny = {1, 2, 3}\nz = [1, 2, *a]\n'.replace(', *a', ''),
  'if (n := f(x)) > 10 and not n == 3 or n in y and n is not None:\n    a, b, c = c, b, a\n    (d, e), [f, *g] = h\n',
  'x = a[1:2, ::3, :, 4:]\ny = b"bytes" b"more"\nz = f"{x} {y!r:>{3}}" if False else "str" \'\\x41\\u1234\\n\'\n'.replace(':>{3}', ':>3'),
  'from micropython import const\nX = const(1 + 2)\n_Y = const(3)\nprint(X << 4 | _Y, -X ** 2, ~X, X // 2 % 3, 1.5e3, 0x1f, 0b101, 0o17, 1_000, 2j)\n',
  'def gen():\n    x = yield\n    y = yield x, 1\n    z = yield from gen()\n    return z\n',
  'assert x, "message"\nassert (yield_ == 1)\ndel a\nglobal_ = 1\nexec("x"); eval("y"); pass\n',
  '@dec\n@a.b.c(1, 2)\ndef f():\n    @inner\n    class C:\n        pass\n    return C\n',
  'x = y = z = 1\nx += 1; y -= 2; z *= 3\na @= b; c //= d; e **= f; g >>= h; i <<= j; k &= l; m ^= n; o |= p; q %= r; s /= t\n',
  'try:\n    pass\nfinally:\n    pass\n\ntry:\n    a\nexcept A:\n    b\nexcept B as c:\n    d\n',
  'lambda: (yield)\nlambda *a, **k: (a, k)\nlambda x=1, *, y=2: x\n',
  'def f(x: int, *, y: "str" = 1) -> None: return\ndef g(a, /, b): pass\n'.replace('a, /, b', 'a, b'),
];

/** Statements that break one rule each; `@` stands for a random expression, `^` for a name. */
const WRONG = [
  'break',
  'continue',
  'return @',
  'yield @',
  'await ^',
  'nonlocal ^',
  'def ^(^, ^=1, ^): pass',
  'def ^(a, a): pass',
  'def ^(*a, *b): pass',
  'def ^(**a, b): pass',
  'def ^(*, **k): pass',
  'lambda a, a: 1',
  'lambda *a, *b: 1',
  'f(a=1, 2)',
  'f(**a, *b)',
  'f(**a, b)',
  'f(1=2)',
  'f(a.b=1)',
  'f(x for x in y, 1)',
  '@ = 1',
  '@ += 1',
  '(a, b) += 1',
  '[a, b] += 1',
  'f() = 1',
  'a, *b, *c = d',
  '*a = b',
  '*a',
  'x = *a, b',
  'del f()',
  'del @',
  'del (a, 1)',
  'del ()',
  'del (x for x in y)',
  'del [a]',
  'x = {1: 2, 3}',
  'x = {1, 2: 3}',
  '{**a}',
  'import a.b.c as',
  'from a import',
  'from a import (b',
  'from . import *',
  'def ^():\n    from a import *',
  'def ^():\n    nonlocal q',
  'def ^(a):\n    global a',
  'def ^(a):\n    a = 1\n    def g():\n        a = 2\n        nonlocal a',
  'def ^():\n    x = 1\n    global x',
  'class ^:\n    return 1',
  'class ^:\n    yield 1',
  'class ^:\n    nonlocal x',
  'async with a: pass',
  'def ^():\n    async for a in b: pass',
  'async def ^():\n    async with a as 1: pass',
  'try:\n    pass\nexcept:\n    pass\nexcept A:\n    pass',
  'try:\n    pass',
  'for 1 in x: pass',
  'for x in y: break\nelse: break',
  'with a as 1: pass',
  'with a as f(): pass',
  'x = const(y)',
  'X = const(y)',
  'X = const(1)\nX = const(2)',
  'super()',
  'def ^():\n    super()',
  '@micropython.unknown\ndef ^(): pass',
  '@micropython.native.x\ndef ^(): pass',
  '@micropython\ndef ^(): pass',
  '@micropython.viper\ndef ^(x: unknown): pass',
  '@micropython.asm_thumb\ndef ^(): pass',
  '(@) := 1',
  'if @ := 2: pass',
  'f(1 := 2)',
  '[x := 1 for x in y]',
  'x = (yield)',
  'x = "unterminated',
  "x = '''unterminated",
  'x = "\\xg"',
  'x = "\\u12"',
  'x = "\\U00110000"',
  'x = "\\N{SPACE}"',
  'x = b"\\xg1"',
  'x = b"é" "s"',
  'x = "a" b"b"',
  'x = f"{"',
  'x = f"{}"',
  'x = f"{a b}"',
  'x = f"{a"',
  'x = f"{a!z}"',
  'x = f"{f\'{y}\'}"',
  'x = 1__0 + 0x + 09',
  'x = 0b2',
  'x = 0o8',
  'x = 0xg',
  'x = 012',
  'x = 1e',
  'x = 1e+',
  'x = 1.2.3',
  'x = 1abc',
  'x = 1.e5j2',
  'x = 5jj',
  'x = $',
  'x = a ? b',
  'x = a ! b',
  'x = a.1',
  'x = a..b',
  'x = [1, 2',
  'x = (1, 2]',
  'x = }',
  'if x',
  'if x: else: pass',
  'if x:\npass',
  '  indented',
  'if x:\n    a\n  b',
  'if x:\n    a\n        b',
  'if x:\n\ta\n        b\n    c',
  'class ^(a for a in b): pass',
  'def ^(): x = 1; def g(): pass',
  'print(a b)',
  'a = b c',
  'a = = b',
  'a b = 1',
  'not = 1',
  'None = 1',
  'True += 1',
  '... = 1',
  '__debug__ = 1',
  'x.__debug__',
  'import None',
  'def None(): pass',
  'lambda None: 1',
  'a < b > = c',
  'a not b',
  'a is is b',
  'a if b',
  'a if b else',
  'else: pass',
  'except: pass',
  'elif x: pass',
  'finally: pass',
  'raise a from',
  'raise from a',
  'assert',
  'del',
  'global',
  'import',
  'from',
  'return return',
  'pass pass',
  'x = yield = 1',
  'a[]',
  'a[1:2:3:4]',
  'a[b for b in c]',
  'f(*)',
  'f(**)',
  'f(,)',
  '(,)',
  '[,]',
  '{,}',
  '{1:}',
  '{:1}',
  'x: int: str',
  'x, y: int',
  'def ^() -> : pass',
  'def ^(a:): pass',
  'def ^(a=): pass',
  'async x',
  'async lambda: 1',
  'await',
  'x = await',
  'for x y in z: pass',
  'for in z: pass',
  'for x in: pass',
  'while: pass',
  'with: pass',
  'with a as: pass',
  'with a, : pass',
  'class: pass',
  'class 1: pass',
  'def (a): pass',
  '@\ndef ^(): pass',
  '@a\nx = 1',
  '@a(b\ndef ^(): pass',
  '\\ x',
  'x = 1 \\',
  'x = """\n"" "',
];

const EXPRESSIONS = [
  '1',
  'a',
  'a.b',
  'a[0]',
  'f(x)',
  '-a',
  'a + b',
  '(a, b)',
  '[a]',
  '{}',
  '"s"',
  'not a',
  'lambda: 0',
  'a if b else c',
  'None',
  '()',
  'a < b',
  '*a',
  '1.5',
  'b"x"',
  '...',
  '(yield)',
  '[x for x in y]',
];
const NAMES = ['f', 'g', 'Name', 'x1', '_y'];
const PIECES = [
  ...'()[]{}:;,.=+-*/%<>@&|^~!?$#\\\'"\n\t ',
  ...[
    '    ',
    ' if ',
    ' else ',
    ' for ',
    ' in ',
    ' not ',
    ' is ',
    ' and ',
    ' or ',
    ' lambda ',
    ' yield ',
    ' await ',
    ' async ',
    ' return ',
    ' def ',
    ' class ',
  ],
  ...[
    ' import ',
    ' from ',
    ' as ',
    ' with ',
    ' try:',
    ' except ',
    ' finally:',
    ' raise ',
    ' del ',
    ' global ',
    ' nonlocal ',
    ' assert ',
    ' pass ',
    ' break ',
    ' continue ',
  ],
  ...[
    ' None ',
    ' True ',
    ':=',
    '->',
    '**',
    '//',
    '<<',
    '>>',
    '==',
    '!=',
    '...',
    'x',
    '0',
    '1e',
    '0x',
    "f'{",
    'b"',
    "'''",
    '"""',
    '\\x',
    '\\\n',
    '*x',
    '**x',
    'é',
  ],
];

const pick = (random, list) => list[random(list.length)];

function fill(random, statement) {
  return statement
    .replaceAll('@', () => (statement.startsWith('@') ? '@' : pick(random, EXPRESSIONS)))
    .replaceAll('^', () => pick(random, NAMES));
}

const indent = (text, by) => text.replace(/^(?=.)/gm, by);

/** A wrong statement somewhere in a right program. */
function wrongStatement(random) {
  const lines = pick(random, PROGRAMS).split('\n');
  let statement = fill(random, pick(random, WRONG));
  const wrap = random(6);
  if (wrap === 0) statement = `def ${pick(random, NAMES)}():\n${indent(statement, '    ')}`;
  else if (wrap === 1) statement = `class ${pick(random, NAMES)}:\n${indent(statement, '    ')}`;
  else if (wrap === 2) statement = `if ${pick(random, EXPRESSIONS)}:\n${indent(statement, '    ')}`;
  const at = random(lines.length);
  const depth = /^ */.exec(lines[at])[0];
  lines.splice(at, 0, indent(statement, depth));
  return lines.join('\n');
}

/** A right program with a few random edits. */
function mutant(random, programs) {
  let text = pick(random, programs);
  for (let edits = 1 + random(3); edits > 0; edits--) {
    const at = random(text.length + 1);
    switch (random(6)) {
      case 0:
        text = text.slice(0, at) + text.slice(at + 1 + random(4));
        break;
      case 1:
        text = text.slice(0, at) + pick(random, PIECES) + text.slice(at);
        break;
      case 2:
        text = text.slice(0, at) + pick(random, PIECES) + text.slice(at + 1);
        break;
      case 3: {
        const lines = text.split('\n');
        lines.splice(random(lines.length), 1);
        text = lines.join('\n');
        break;
      }
      case 4: {
        const lines = text.split('\n');
        const i = random(lines.length);
        lines[i] = random(2) ? ` ${lines[i]}` : lines[i].replace(/^ {1,4}/, '');
        text = lines.join('\n');
        break;
      }
      default: {
        const from = random(text.length + 1);
        text = text.slice(0, at) + text.slice(from, from + 1 + random(12)) + text.slice(at);
      }
    }
  }
  return text;
}

/** A program; most are invalid. `corpus` holds more programs to mutate. */
export function generate(random, corpus = []) {
  return random(2) === 0 ? wrongStatement(random) : mutant(random, [...PROGRAMS, ...(corpus.length > 0 && random(2) ? corpus : [])]);
}

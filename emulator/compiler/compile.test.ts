import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from './compile.ts';
import { writeMpy } from './mpy.ts';
import { CodeKind, CompileError, type CompileOptions, ConstFloat } from './rawcode.ts';

const options: CompileOptions = {
  fileName: 't.py',
  input: 'file',
  optLevel: 0,
  smallIntBits: 31,
  float: 'double',
  errorReporting: 'detailed',
  defaultEmit: 'bytecode',
  nativeArch: 0,
  crossCompiler: true,
};

const mpy = (source: string | Uint8Array, changed: Partial<CompileOptions> = {}): string => {
  const all = { ...options, ...changed };
  return Buffer.from(writeMpy(compile(source, all), { smallIntBits: all.smallIntBits })).toString('base64');
};

const refusal = (source: string | Uint8Array, changed: Partial<CompileOptions> = {}): CompileError => {
  try {
    compile(source, { ...options, ...changed });
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error('it compiles');
};

/** Programs, and the file that the official mpy-cross 1.27.0 makes of them with `-s t.py`. */
const REFERENCE: { name: string; source: string; mpy: string }[] = [
  {
    name: 'an empty file',
    source: '',
    mpy: 'TQYAHwIACHQucHkADygAAgFRYw==',
  },
  {
    name: 'a call with a global and a small integer',
    source: 'print(1)\n',
    mpy: 'TQYAHwMACHQucHkAD4F3WAgCARECgTQBWVFj',
  },
  {
    name: 'integers beyond a small integer',
    source: 'x = 1073741823, -1073741824, 1073741824, 10**30\n',
    mpy: 'TQYAHwMBCHQucHkADwJ4AAoEBwoxMDczNzQxODIzBwstMTA3Mzc0MTgyNAcKMTA3Mzc0MTgyNAcfMTAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMEgAAgEjABYCUWM=',
  },
  {
    name: 'folded constants',
    source:
      'from micropython import const\n_A = const(3)\nB = const(_A * 2 + 1)\nx = B << 2 | _A, -B, ~B, not B, 7 // 2, -7 % 3, 2 ** 10\n',
    mpy: 'TQYAHwYBCHQucHkAD4ERgWcCQgACeAAKBwcCMzEHAi03BwItOAIHATMHATIHBDEwMjSBUAgGAUwjgBACKgEbAxwCFgJZhxYEIwAWBVFj',
  },
  {
    name: 'floats',
    source: 'x = 0.1, 1e10, -2.5, 1.7976931348623157e308, 5e-324, 1.5j\n',
    mpy: 'TQYAHwMBCHQucHkADwJ4AAoGCAMwLjEIDTEwMDAwMDAwMDAwLjAIBC0yLjUIFzEuNzk3NjkzMTM0ODYyMzE1N2UrMzA4CBY0Ljk0MDY1NjQ1ODQxMjQ2NWUtMzI0CQQxLjVqSAACASMAFgJRYw==',
  },
  {
    name: 'strings, bytes and joined literals',
    source: 'x = "short", "longer than ten bytes", b"\\x00\\xff" b"z", r"\\n", "\\u20ac"[:1]\n',
    mpy: 'TQYAHwYCCHQucHkADwpzaG9ydAAEXG4ABuKCrAACeAAFFWxvbmdlciB0aGFuIHRlbiBieXRlcwAGAwD/egCBQDACARACIwAjARADEARRgS4CVSoFFgVRYw==',
  },
  {
    name: 'f-strings',
    source: 'x = 1\nprint(f"{x} {x!r} {x:>5} {x=} {{}}", f"a" "b{}")\n',
    mpy: 'TQYAHwYBCHQucHkAD4EpCGFie30AAngAgXcFF3t9IHshcn0gezo+NX0geD17fSB7e319AIIQMAQBI4EWBBEFIwAUAhEEEQQRBBEENgQQAxQCNgA0AllRYw==',
  },
  {
    name: 'function with every kind of parameter',
    source: 'def f(a, b=1, *c, d, e=2, **g):\n    return a, b, c, d, e, g\n',
    mpy: 'TQYAHwcACHQucHkADwJlAAJmAAJhAAJiAAJkAIEUGAIBgSoBLACCEAJiMwAWA1FjAYEo2oHIwEAMAwQFAgYgsLG0s7K1KgZj',
  },
  {
    name: 'closures and cells',
    source: 'def f(a):\n    b = 1\n    def g():\n        nonlocal b\n        b += a\n        return lambda: b\n    return g\n',
    mpy: 'TQYAHwcACHQucHkADwJmAAJnABA8bGFtYmRhPgACYQALTAACATIAFgJRYwGBNCGMAQIFICNmIAACgScCsLIgAALBsWMBgSQaDAMGBmAgJyUBJQDlJwGxIAABYwFICQgEBmBAJQBj',
  },
  {
    name: 'class with super()',
    source: 'class A(B):\n    x = 1\n    def m(self):\n        return super().m() + super().n\n',
    mpy: 'TQYAHw0ACHQucHkADwJBAAJtAAJuAAJCAC8tNQJ4AAuCE4I1gQQYAgFUMgAQAhEFNAMWAlFjAYFMCAcCKCMAEQYWBxACFgiBFgmwIAABFgOwYwGBUCoIAwoLYBIMJQCxFQM2ABIMJQCxNAITBPJj',
  },
  {
    name: 'range loop and for loop',
    source: 'for i in range(10):\n    for j in i:\n        if j: break\n        continue\n    else:\n        pass\n',
    mpy: 'TQYAHwQACHQucHkADwJpAAJqAIJQKAoBJicqQoBCWFcWAhECX0sOFgMRA0RGWVlZWUJCQjCB5VeK10MjWVFj',
  },
  {
    name: 'while loops',
    source: 'while a and not b or c:\n    x -= 1\nelse:\n    y = 2\nwhile True:\n    pass\n',
    mpy: 'TQYAHwcACHQucHkADwJ4AAJhAAJiAAJjAAJ5AIIQCAoBIlIjIEJGEQKB5hYCEQNERBEERDIRBUMughYGQj5RYw==',
  },
  {
    name: 'try with everything',
    source: 'try:\n    a\nexcept (B, C) as e:\n    raise e from None\nexcept:\n    pass\nelse:\n    d\nfinally:\n    f\n',
    mpy: 'TQYAHwgACHQucHkADwJhAAJCAAJDAAJlAAJkAAJmAINYtAIOASQmLU1DREkpSAURAllKHlcRAxEEKgLfRFAWBUkEEQVRZlEWBRkFXUoHWUoEXREGWVERB1ldUWM=',
  },
  {
    name: 'with and return through it',
    source: 'def f():\n    with a as b, c:\n        return b\n',
    mpy: 'TQYAHwUACHQucHkADwJmAAJhAAJjAEwAAgEyABYCUWMBgUi4AgYCICoSA0cLwBIERwNZsGNcXVFcXVFj',
  },
  {
    name: 'generators',
    source: 'def f():\n    x = yield 1\n    yield from x\n    return\n',
    mpy: 'TQYAHwMACHQucHkADwJmAEwAAgEyABYCUWMBgQiQQAgCICMlgWfAsF5RaFlRYw==',
  },
  {
    name: 'async',
    source: 'async def f():\n    async with a as b:\n        async for c in b:\n            await c\n',
    mpy: 'TQYAHwsACHQucHkADwJmABRfX2FlbnRlcl9fABJfX2FpdGVyX18AEl9fYW5leHRfXwAkU3RvcEFzeW5jSXRlcmF0aW9uAEMSX19hZXhpdF9fABUCYQBMAAIBMgAWAlFjAYZI4EIIAiAtPBIKVxQDNgBeUWjASSiwFAQ2AEgLVxQFNgBeUWjBSgpXEgbfRENZSghdsV5RaFlCIllRWkJfVxIH30RXV1taFAhbW1cTCVpRNgNeUWhEUVlRQk1bWxQIUVdXNgNeUWhZXVFj',
  },
  {
    name: 'comprehensions',
    source: 'x = [a for a in b if a]\ny = {a: b for a in c for b in a}\nz = {a for a in b}\nw = (a for a in b)\n',
    mpy: 'TQYAHw0ACHQucHkADxQ8bGlzdGNvbXA+ABQ8ZGljdGNvbXA+ABI8c2V0Y29tcD4AEjxnZW5leHByPgACYgACeAACYwACeQACegACdwALgkwICAEoKCgyABEGNAEWBzIBEQg0ARYJMgIRBjQBFgoyAxEGXjQBFgtRYwSBIDkEAgwrALBfSwnBsUQ6sS8UQjVjgVBpBgMMICwAsF9LDsGxX0sHwrKxLylCN0IwY4EQOQYEDEAtALBfSwbBsS8WQjhjgSCxQAYFDGBTsFNTSwbBsWdZQjhRYw==',
  },
  {
    name: 'imports',
    source: 'import a.b, c as d\nfrom . import e\nfrom ..f.g import h as i, j\nfrom k import *\n',
    mpy: 'TQYAHw4ACHQucHkADwZhLmIAAmMAAmUAAwJoAAJqAAZmLmcACwJrAAJhAAJkAAJpAINQEAgBLCwygFEbAhYLgFEbAxYMgRAEKgEbBRwEFgRZghAGEAcqAhsIHAYWDRwHFgdZgBAJKgEbCmlRYw==',
  },
  {
    name: 'calls with stars',
    source: 'f(*a, b, *c, d=1, **e)\na.f(x for x in y)\n',
    mpy: 'TQYAHwsACHQucHkADwJkAAJmABI8Z2VuZXhwcj4AAmEAAmIAAmMAAmUAAnkAC4I8QAQBMxEDEQURBhEHEAKBUxEIhTWEA1kRBRQDMgARCV40ATYBWVFjAYEgsUAGBAogU7BTU0sGwbFnWUI4UWM=',
  },
  {
    name: 'slices and subscripts',
    source: 'x[1:2, ::3, :] = y[-1][...]\ndel x[0], x.y\n',
    mpy: 'TQYAHwQBCHQucHkADwJ5AAJ4AASCWCgEATkRAn9VIwBVEQOBgi4CUVGDLgNRUS4CKgNWEQOAU1tWEQNTWhgCUWM=',
  },
  {
    name: 'unpacking',
    source: 'a, b = b, a\na, b, c = c, a, b\na, *b, c = d\n[a, (b, c)] = d\n',
    mpy: 'TQYAHwYACHQucHkADwJiAAJhAAJjAAJkAIMwEAgBKS4rEQIRA1oWAxYCEQQRAxECW1oWAxYCFgQRBTGCARYDFgIWBBEFMAIWAzACFgIWBFFj',
  },
  {
    name: 'chained comparison and conditional',
    source: 'x = a < b <= c != d\ny = a if b is not c else d not in e\n',
    mpy: 'TQYAHwkACHQucHkADwJhAAJiAAJjAAJkAAJ4AAJlAAJ5AIMYEAQBORECEQNXW9dGDBEEV1vaRgURBdxCQlpZFgYRAxEE3tNERBECQkYRBREH3dMWCFFj',
  },
  {
    name: 'assert, global and walrus',
    source: 'def f():\n    global x\n    assert x, "no"\n    if (x := 1) > 0: del x\n',
    mpy: 'TQYAHwYACHQucHkADwJmAD8Ebm8AAngATAACATIAFgJRYwGBaAgIAiAgKxIFQ0cSAxAENAFlgVcXBYDYREIaBVFj',
  },
  {
    name: 'decorators',
    source: '@a.b\n@c(1)\ndef f(): pass\n',
    mpy: 'TQYAHwYACHQucHkADwJiAAJmAAJhAAJjAIE8EAQBJhEEEwIRBYE0ATIANAE0ARYDUWMBMAAEA0BRYw==',
  },
  {
    name: 'long jumps',
    source: `def f(x):\n    while x:\n${'        x = x + 1000 + g(x, "s")\n'.repeat(12)}`,
    mpy: 'TQYAHwYACHQucHkADwJmAAJzAAJ4AAJnAEwAAgEyABYCUWMBjBAhHgIEICMuLi4uLi4uLi4uLkKogbAih2jyEgWwEAM0AvLAsCKHaPISBbAQAzQC8sCwIodo8hIFsBADNALywLAih2jyEgWwEAM0AvLAsCKHaPISBbAQAzQC8sCwIodo8hIFsBADNALywLAih2jyEgWwEAM0AvLAsCKHaPISBbAQAzQC8sCwIodo8hIFsBADNALywLAih2jyEgWwEAM0AvLAsCKHaPISBbAQAzQC8sCwIodo8hIFsBADNALywLBD1H5RYw==',
  },
  {
    name: 'a line far down',
    source: `${'\n'.repeat(3000)}x = 1\n${'\n'.repeat(10)}y = 2\n`,
    mpy: 'TQYAHwQACHQucHkADwJ4AAJ5AIEIAA4B8P+wuYMLgRYCghYDUWM=',
  },
  {
    name: 'non-ASCII names and strings',
    source: 'é = "ü€😀"\nprint(é)\n',
    mpy: 'TQYAHwUACHQucHkADxLDvOKCrPCfmIAABMOpAIF3gQgIBAEkEAIWAxEEEQM0AVlRYw==',
  },
  {
    name: 'constants in tuples',
    source: 'x = (1, "a", b"b", None, True, ..., 1.5, (2, ())), ()\n',
    mpy: 'TQYAHwMBCHQucHkADwJ4AAoCCggHATEFAWEABgFiAAEDBAgDMS41CgIHATIKAAoASAACASMAFgJRYw==',
  },
  {
    name: 'math constants',
    source: 'import math\nx = math.pi, math.e, math.inf, -math.inf, math.nan\n',
    mpy: 'TQYAHwQBCHQucHkADwhtYXRoAAJ4AAoFCBEzLjE0MTU5MjY1MzU4OTc5MwgRMi43MTgyODE4Mjg0NTkwNDUIA2luZggELWluZggDbmFugQAIBAEmgFEbAhYCIwAWA1Fj',
  },
];

describe('the bytes of the official cross-compiler', () => {
  it.each(REFERENCE)('$name', ({ source, mpy: expected }) => {
    expect(mpy(source)).toBe(expected);
  });

  it('do not depend on how lines end', () => {
    const source = 'def f():\n    """a\nb"""\n    return 1\n\n\nx = "\\\nq"\n';
    expect(mpy(source.replaceAll('\n', '\r\n'))).toBe(mpy(source));
    expect(mpy(source.replaceAll('\n', '\r'))).toBe(mpy(source));
    expect(mpy(source.trimEnd())).toBe(mpy(source));
  });

  it('are the same for characters and for their UTF-8 bytes', () => {
    const source = 'π = "€"\n';
    expect(mpy(new TextEncoder().encode(source))).toBe(mpy(source));
  });

  it('keep bytes in a string that are not UTF-8', () => {
    const source = Uint8Array.from([...'x = "'].map(c => c.charCodeAt(0)).concat(0xff, 0x80, 0x22, 0x0a));
    expect(Buffer.from(mpy(source), 'base64').includes(Buffer.from([4, 0xff, 0x80, 0]))).toBe(true);
  });
});

describe('options', () => {
  it('drop line numbers at level 3 and assertions from level 1 on', () => {
    const source = 'assert x\n\n\ny = __debug__\n';
    const sizes = [0, 1, 2, 3].map(optLevel => Buffer.from(mpy(source, { optLevel }), 'base64').length);
    expect(sizes[1]).toBeLessThan(sizes[0]!);
    expect(sizes[2]).toBe(sizes[1]);
    expect(sizes[3]).toBeLessThan(sizes[2]!);
  });

  it('make operands of integers as wide as the small integers are', () => {
    const source = 'x = 1 << 40\n';
    expect(compile(source, options).consts).toEqual([2 ** 40]);
    expect(compile(source, { ...options, smallIntBits: 63 }).consts).toEqual([]);
  });

  it('keep an integer that came of a large one an object, as the official mpy-cross does for 64-bit boards', () => {
    const source = 'A = const(-(1 << 62))\nx = -(1 << 62), A\ny = A\nz = A + 0\nw = ~-(1 << 62)\n';
    expect(mpy(source, { smallIntBits: 63 })).toBe(
      'TQYAPwcDCHQucHkADwJBAAJ4AAJ5AAJ6AAJ3AAcULTQ2MTE2ODYwMTg0MjczODc5MDQKAgcULTQ2MTE2ODYwMTg0MjczODc5MDQHFC00NjExNjg2MDE4NDI3Mzg3OTA0BxM0NjExNjg2MDE4NDI3Mzg3OTAzgigACgEkJCQsIwAWAiMBFgMjABYEIsCAgICAgICAABYFIwIWBlFj',
    );
  });

  it('print the value of an expression statement in single input only', () => {
    expect(compile('1\n', { ...options, input: 'single' }).qstrs).toContain('__repl_print__');
    expect(compile('1\n', options).qstrs).not.toContain('__repl_print__');
  });

  it('accept one expression, and nothing else, as eval input', () => {
    expect(compile('1 + x', { ...options, input: 'eval' }).qstrs).toContain('x');
    expect(refusal('x = 1', { input: 'eval' }).message).toBe('invalid syntax');
    expect(refusal('', { input: 'eval' }).message).toBe('invalid syntax');
  });

  it('round constants to the width of the floats', () => {
    expect(compile('x = 0.1 + 0.2', { ...options, float: 'single' }).consts).toEqual([new ConstFloat(Math.fround(0.3))]);
    expect(refusal('x = 0.1', { float: 'none' }).message).toBe('decimal numbers not supported');
  });

  it('replace module constants and leave other attributes alone', () => {
    const moduleConstants = new Map([['errno', new Map([['EIO', 5]])]]);
    expect(compile('x = errno.EIO', { ...options, moduleConstants }).qstrs).not.toContain('errno');
    expect(compile('x = errno.EXX', { ...options, moduleConstants }).qstrs).toContain('errno');
  });

  it('intern long strings that the machine knows', () => {
    const source = 'x = "a string that something has"';
    expect(compile(source, options).consts).toHaveLength(1);
    expect(compile(source, { ...options, isInterned: () => true }).consts).toHaveLength(0);
  });

  it('mark native functions, which a board runs as bytecode', () => {
    const source = '@micropython.native\ndef f(): pass\n';
    const module = compile(source, { ...options, crossCompiler: false, nativeArch: 7 });
    expect(module.root.children[0]).toMatchObject({ kind: CodeKind.Bytecode, emitter: 'native' });
    expect(module.root.emitter).toBeUndefined();
  });

  it('refuse machine code where there is none', () => {
    const source = '@micropython.viper\ndef f(): pass\n';
    expect(refusal(source)).toMatchObject({ type: 'SyntaxError', message: 'invalid arch', line: 1, block: '<module>' });
    expect(refusal(source, { crossCompiler: false }).message).toBe('invalid micropython decorator');
    expect(refusal(source, { nativeArch: 7 }).message).toBe('cannot emit native code for this architecture');
  });

  it('limit the memory that the parse tree may take', () => {
    const source = 'x = [1, 2, 3]\n'.repeat(2000);
    expect(refusal(source, { memoryLimit: 50_000 })).toMatchObject({ type: 'MemoryError', line: 0, block: null });
    expect(compile(source, { ...options, memoryLimit: 2_000_000 }).consts).toHaveLength(0);
  });
});

describe('errors', () => {
  // Types, messages, lines and blocks are those that mpy-cross 1.27.0 prints.
  it.each([
    ['x = (', 'SyntaxError', 'invalid syntax', 2, null],
    ['if x:\npass\n', 'SyntaxError', 'invalid syntax', 2, null],
    ['x = 1\n  y\n', 'IndentationError', 'unexpected indent', 2, null],
    ['if x:\n    a\n  b\n', 'IndentationError', "unindent doesn't match any outer indent level", 2, null],
    ['x = 1abc\n', 'SyntaxError', "invalid syntax for integer with base 10: '1abc'", 1, null],
    ['x = 012\n', 'SyntaxError', "invalid syntax for integer with base 0: '012'", 1, null],
    ['x = 1e\n', 'SyntaxError', 'invalid syntax for number', 1, null],
    ['\n\nX = const(y)\n', 'SyntaxError', 'not a constant', 3, null],
    ['x = "\\N{a}"\n', 'NotImplementedError', 'unicode name escapes', 0, null],
    ['\nf() = 1\n', 'SyntaxError', "can't assign to expression", 2, '<module>'],
    ['class A:\n    def f(self):\n        break\n', 'SyntaxError', "'break'/'continue' outside loop", 3, 'f'],
    ['x = [(yield)]\n', 'SyntaxError', "'yield' outside function", 1, '<module>'],
    ['lambda a, a: 1\n', 'SyntaxError', 'argument name reused', 1, '<lambda>'],
    ['del ()\n', 'SyntaxError', "can't delete expression", 1, '<module>'],
  ] as const)('%j is refused as the reference refuses it', (source, type, message, line, block) => {
    expect(refusal(source)).toEqual(new CompileError(type, message, 't.py', line, block));
  });

  it('leave the text out of number errors on boards', () => {
    expect(refusal('x = 1abc', { errorReporting: 'normal' }).message).toBe('invalid syntax for integer with base 10');
  });

  it.each([
    ['brackets', '['.repeat(100_000)],
    ['closed brackets', `x = ${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['calls', `x = ${'f('.repeat(20_000)}${')'.repeat(20_000)}`],
    ['signs', `x = ${'-'.repeat(100_000)}y`],
    ['targets', `${'['.repeat(20_000)}a${']'.repeat(20_000)} = x`],
    ['f-strings', 'f"{'.repeat(5000)],
  ])('end in a guest exception for %s nested too deep', (_, source) => {
    expect(['SyntaxError', 'RuntimeError', 'MemoryError']).toContain(refusal(source).type);
  });

  it('are the only thing that any bytes can cause', () => {
    const anyInput = fc.constantFrom('file', 'single', 'eval') as fc.Arbitrary<CompileOptions['input']>;
    const pieces = fc.constantFrom(
      ...'()[]{}:;,.=+-*/%<>@&|^~!\'"\n\t \\'.split(''),
      'if ',
      'for ',
      ' in ',
      'def f',
      'class A',
      'x',
      '1',
      'f"{',
      '    ',
    );
    const sources = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.array(pieces, { maxLength: 40 }).map(parts => new TextEncoder().encode(parts.join(''))),
    );
    fc.assert(
      fc.property(sources, anyInput, (source, input) => {
        try {
          compile(source, { ...options, input });
        } catch (error) {
          expect(error).toBeInstanceOf(CompileError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

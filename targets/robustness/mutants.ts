/** Programs and `.mpy` files that are nearly right: each follows from a seed and its number. */
import { compile } from '../../emulator/compiler/compile.ts';
import { writeMpy } from '../../emulator/compiler/mpy.ts';
import { type CompiledModule, CompileError, type CompileOptions } from '../../emulator/compiler/rawcode.ts';
import { evilPrograms } from './evil-programs.ts';
import type { Subject } from './run-budgeted.ts';

/** A whole number below `n`, at least 0. */
export type Random = (n: number) => number;

/** Numbers that follow from a seed and a case's number (mulberry32). */
export function caseRandom(seed: number, index: number): Random {
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(index + 1, 0xc2b2ae35)) >>> 0;
  return n => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)];

/** What a token may become: values and names at the edges of what the language knows. */
const ODD = [
  ...[
    '0',
    '-1',
    '1 << 62',
    '-(1 << 63)',
    '2 ** 200',
    '1e308',
    'float("nan")',
    '-0.0',
    'None',
    'True',
    '...',
    '""',
    'b""',
    '()',
    '[]',
    '{}',
  ],
  ...[
    '(lambda *a, **k: a)',
    'range(10)',
    'object()',
    'type',
    'slice(None, None, -1)',
    'memoryview(b"abc")',
    'bytearray(3)',
    '"\\u20ac" * 40',
  ],
  ...['iter([])', '(i for i in range(3))', 'Exception', 'self', 'print', '__name__', '__proto__', 'constructor', 'super()', 'globals()'],
];
const WORDS = [
  ...[
    'if',
    'else',
    'for',
    'while',
    'def',
    'class',
    'return',
    'yield',
    'yield from',
    'lambda',
    'try:',
    'except:',
    'finally:',
    'raise',
    'with',
  ],
  ...['del', 'global', 'nonlocal', 'await', 'async', 'in', 'not', 'is', 'and', 'or', 'import', 'from', 'as', 'break', 'continue', 'assert'],
  ...[
    '+',
    '-',
    '*',
    '**',
    '/',
    '//',
    '%',
    '@',
    '<<',
    '>>',
    '&',
    '|',
    '^',
    '~',
    '<',
    '==',
    '!=',
    ':=',
    '=',
    '+=',
    '(',
    ')',
    '[',
    ']',
    ':',
    ',',
  ],
];

/** A source with some of its lines and tokens exchanged, doubled or left out; mostly still one that compiles. */
export function mutatedSource(random: Random, sources: readonly string[]): string {
  const lines = pick(random, sources).split('\n');
  for (let edits = 1 + random(6); edits > 0; edits--) {
    const at = random(lines.length);
    const tokens = lines[at].match(/\s+|\w+|"[^"]*"|'[^']*'|./g) ?? [];
    const solid = tokens.map((token, i) => ({ token, i })).filter(({ token }) => token.trim() !== '');
    const kind = random(8);
    if (kind === 0) lines.splice(at, 1 + random(3));
    else if (kind === 1) lines.splice(random(lines.length), 0, lines[at]);
    else if (kind === 2) {
      const indent = /^\s*/.exec(lines[at])![0];
      const other = pick(random, pick(random, sources).split('\n'));
      lines.splice(at, 0, indent + other.trim());
    } else if (solid.length > 0) {
      const { i } = pick(random, solid);
      if (kind === 3) tokens[i] = pick(random, WORDS);
      else if (kind === 4) tokens.splice(i, 1);
      else if (kind === 5) tokens[i] = pick(random, solid).token;
      else tokens[i] = pick(random, ODD);
      lines[at] = tokens.join('');
    }
    if (lines.length === 0) lines.push('pass');
  }
  return lines.join('\n');
}

/** A few bytes changed, removed, doubled or put in. */
export function mutatedBytes(random: Random, bytes: Uint8Array): Uint8Array {
  const mutated = [...bytes];
  for (let edits = 1 + random(4); edits > 0; edits--) {
    const at = random(mutated.length + 1);
    const kind = random(8);
    if (kind === 0) mutated.splice(at, 1 + random(8));
    else if (kind === 1) mutated.splice(at, 0, random(256));
    else if (kind === 2) mutated.splice(at, 0, ...mutated.slice(at, at + random(16)));
    else if (at < mutated.length) mutated[at] = kind < 5 ? random(256) : mutated[at] ^ (1 << random(8));
  }
  return Uint8Array.from(mutated);
}

const OPTIONS = { fileName: 'subject.py', input: 'file', errorReporting: 'detailed', defaultEmit: 'bytecode', nativeArch: 0 } as const;

function compiled(source: string, board: Subject['board'], optLevel: number): CompiledModule | undefined {
  const widths = board === 'unix' ? ({ smallIntBits: 63, float: 'double' } as const) : ({ smallIntBits: 31, float: 'single' } as const);
  const options: CompileOptions = { ...OPTIONS, ...widths, optLevel };
  try {
    return compile(source, options);
  } catch (error) {
    if (error instanceof CompileError) return undefined;
    throw error;
  }
}

/** A file with its code's bytes changed but its frame whole: what gets past the reader. */
function mutatedCode(random: Random, module: CompiledModule, smallIntBits: number): Uint8Array {
  const codes = module.scopes!;
  const code = pick(random, codes).code;
  for (let edits = 1 + random(4); edits > 0; edits--) {
    const at = random(code.length);
    code[at] = random(2) === 0 ? random(256) : code[at] ^ (1 << random(8));
  }
  return writeMpy(module, { smallIntBits });
}

const evil = Object.values(evilPrograms);

/** @param sources programs to start from; hostile ones join them */
export function subject(random: Random, sources: readonly string[], only?: Subject['board']): Subject {
  const board = only ?? (random(4) === 0 ? 'pyboard-v1.1' : 'unix');
  const all = random(3) === 0 ? evil : sources;
  const source = mutatedSource(random, all);
  const encode = (text: string) => new TextEncoder().encode(text);
  if (random(2) === 0) {
    const bytes = encode(source);
    return { board, kind: 'source', bytes: random(10) === 0 ? mutatedBytes(random, bytes) : bytes };
  }
  const module = compiled(random(2) === 0 ? source : pick(random, all), board, random(4));
  if (module === undefined) return { board, kind: 'source', bytes: encode(source) };
  const smallIntBits = board === 'unix' ? 63 : 31;
  const bytes = random(2) === 0 ? mutatedCode(random, module, smallIntBits) : mutatedBytes(random, writeMpy(module, { smallIntBits }));
  return { board, kind: 'mpy', bytes };
}

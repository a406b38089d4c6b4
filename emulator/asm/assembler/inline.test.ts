import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { CompileError, type RawCode } from '../../compiler/rawcode.ts';
import { FlatMemory } from '../memory-bus.ts';
import { Rv32Core } from '../rv32/core.ts';
import { SP as RV_SP } from '../rv32/state.ts';
import { ThumbCore } from '../thumb/core.ts';
import { SP } from '../thumb/state.ts';
import { nativeBackend } from './backend.ts';
import { Arch } from './thumb.ts';

/** The code of the first function of a module. */
function assemble(source: string, arch: Arch, archFlags = 0): RawCode {
  const module = compile(source, {
    fileName: 'test.py',
    input: 'file',
    optLevel: 0,
    smallIntBits: 31,
    float: 'single',
    errorReporting: 'normal',
    defaultEmit: 'bytecode',
    nativeArch: arch,
    nativeBackend: nativeBackend(arch, { archFlags }),
  });
  return module.root.children[0];
}

const thumb = (lines: string[], params = '', arch = Arch.Armv7emSp): RawCode =>
  assemble(`@micropython.asm_thumb\ndef f(${params}):\n${lines.map(line => ` ${line}\n`).join('')}`, arch);
const rv32 = (lines: string[], params = '', flags = 0): RawCode =>
  assemble(`@micropython.asm_rv32\ndef f(${params}):\n${lines.map(line => ` ${line}\n`).join('')}`, Arch.Rv32imc, flags);

const hex = (code: RawCode): string => Buffer.from(code.code).toString('hex');

function messageOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof CompileError) return `${error.message} (line ${error.line})`;
    throw error;
  }
  return 'no error';
}

function runThumb(code: RawCode, ...args: number[]): number {
  const memory = new FlatMemory(0x20000000, 0x1000);
  memory.bytes.set(code.code);
  const core = new ThumbCore(memory);
  core.r[SP] = 0x20001000;
  return core.call(0x20000001, args, 100_000, reason => {
    throw new Error(reason);
  });
}

// The bytes are those of the official cross-compiler; scripts/machine-code compares thousands of programs with it.

describe('asm_thumb', () => {
  it('wraps the instructions in a push and a pop', () => {
    expect(hex(thumb(['pass']))).toBe('f2b5f2bd');
    expect(hex(thumb(['mov(r0, 42)']))).toBe('f2b52a20f2bd');
  });

  it('runs a loop over labels', () => {
    const sum = thumb(['mov(r1, r0)', 'mov(r0, 0)', 'label(loop)', 'add(r0, r0, r1)', 'sub(r1, 1)', 'bgt(loop)'], 'r0');
    expect(runThumb(sum, 100)).toBe(5050);
    expect(sum.native).toMatchObject({ nPosArgs: 1, typeSig: 2 });
  });

  it('knows the types of results', () => {
    const source = (type: string): string => `@micropython.asm_thumb\ndef f() -> ${type}:\n nop()\n`;
    expect(assemble(source('object'), Arch.Armv7em).native!.typeSig).toBe(0);
    expect(assemble(source('bool'), Arch.Armv7em).native!.typeSig).toBe(1);
    expect(assemble(source('uint'), Arch.Armv7em).native!.typeSig).toBe(3);
  });

  it('has what the architecture has', () => {
    expect(messageOf(() => thumb(['sdiv(r0, r1, r2)'], '', Arch.Armv6m))).toBe(
      "unsupported Thumb instruction 'sdiv' with 3 arguments (line 3)",
    );
    expect(messageOf(() => thumb(['vadd(s0, s1, s2)'], '', Arch.Armv7em))).toBe(
      "unsupported Thumb instruction 'vadd' with 3 arguments (line 3)",
    );
    expect(hex(thumb(['vadd(s0, s1, s2)']))).toBe('f2b530ee810af2bd');
  });

  it('refuses arguments with the reference’s words', () => {
    expect(messageOf(() => thumb(['mov(r8, 1)']))).toBe("'mov' expects at most r7 (line 3)");
    expect(messageOf(() => thumb(['mov(r0, 256)']))).toBe("'mov' integer 0x100 doesn't fit in mask 0xff (line 3)");
    expect(messageOf(() => thumb(['nop()', 'b(there)']))).toBe("label 'there' not defined (line 4)");
    expect(messageOf(() => thumb(['label(a)', 'label(a)']))).toBe('label redefined (line 4)');
    expect(messageOf(() => thumb(['nop()'], 'r1'))).toBe('parameters must be registers in sequence r0 to r3 (line 2)');
  });

  it('cannot be made to fill the host’s memory', () => {
    expect(messageOf(() => thumb(['align(0x10000000)', 'nop()', 'align(0x10000000)']))).toContain('memory allocation failed');
    expect(messageOf(() => thumb(['data(1000000000, 1)']))).toContain('memory allocation failed');
  });
});

describe('asm_rv32', () => {
  it('ends with a return', () => {
    expect(hex(rv32(['pass']))).toBe('8280');
  });

  it('picks short encodings for constants', () => {
    expect(hex(rv32(['li(a0, 5)']))).toBe('15458280');
    expect(hex(rv32(['li(a0, 0x12345678)']))).toBe('37553412130585678280');
  });

  it('runs', () => {
    const code = rv32(['li(a1, 0)', 'label(loop)', 'add(a1, a1, a0)', 'addi(a0, a0, -1)', 'bne(a0, zero, loop)', 'mv(a0, a1)'], 'a0');
    const memory = new FlatMemory(0x80000000, 0x1000);
    memory.bytes.set(code.code);
    const core = new Rv32Core(memory);
    core.r[RV_SP] = 0x80001000;
    const result = core.call(0x80000000, [100], 100_000, reason => {
      throw new Error(reason);
    });
    expect(result).toBe(5050);
  });

  it('has the instructions of extensions only where they are allowed', () => {
    expect(messageOf(() => rv32(['sh1add(a0, a1, a2)']))).toBe("invalid RV32 instruction 'sh1add' (line 3)");
    expect(hex(rv32(['sh1add(a0, a1, a2)'], '', 1))).toBe('33a5c5208280');
  });

  it('refuses arguments with the reference’s words', () => {
    expect(messageOf(() => rv32(['addi(a0, a0, 2048)']))).toBe("opcode 'addi' argument 3: out of range (line 3)");
    expect(messageOf(() => rv32(['c_addi(a0, 0)']))).toBe("opcode 'c_addi' argument 2: must not be zero (line 3)");
    expect(messageOf(() => rv32(['lw(a0, a1)']))).toBe("opcode 'lw' argument 2: expecting offset (line 3)");
  });
});

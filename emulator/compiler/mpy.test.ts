import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from './compile.ts';
import { MpyError, readMpy, writeMpy } from './mpy.ts';
import { CONST_FUNCTION_TABLE, CodeKind, type CompiledModule, type CompileOptions } from './rawcode.ts';

const options: CompileOptions = {
  fileName: 't.py',
  input: 'file',
  optLevel: 0,
  smallIntBits: 31,
  float: 'double',
  errorReporting: 'detailed',
  defaultEmit: 'bytecode',
  nativeArch: 0,
};

const SOURCE = `
def f(a, *b, c=1):
    def g():
        return a
    return g, [x for x in b]
x = 1.5, 2**70, -1.25j, "a long enough string", b"bytes", (None, True, ...), "\\ud800"
`;

const module = compile(SOURCE, options);
const file = writeMpy(module, { smallIntBits: 31 });
const machine = { smallIntBits: 31, arch: 0, float: 'double' } as const;

/** A file with some bytes put in place of others. */
function patched(at: number, ...bytes: number[]): Uint8Array {
  const copy = file.slice();
  copy.set(bytes, at);
  return copy;
}

describe('a .mpy file', () => {
  it('reads as what was written', () => {
    const read = readMpy(file, machine);
    expect({ qstrs: read.qstrs, consts: read.consts, root: read.root }).toEqual({
      qstrs: module.qstrs,
      consts: module.consts,
      root: expect.objectContaining({ code: module.root.code, kind: CodeKind.Bytecode }),
    });
    expect(Buffer.from(writeMpy(read, { smallIntBits: 31 })).equals(file)).toBe(true);
  });

  it('keeps machine code, its data and its relocations', () => {
    const native: CompiledModule = {
      qstrs: ['t.py'],
      consts: [CONST_FUNCTION_TABLE],
      root: {
        kind: CodeKind.NativeViper,
        code: Uint8Array.of(1, 2, 3, 4),
        children: [],
        scopeFlags: 0x70,
        native: { arch: 7, viperFlags: 0x70, rodata: Uint8Array.of(9, 8), bssSize: 16, relocations: Uint8Array.of(0x03, 0x05, 0x02, 0xff) },
      },
    };
    const bytes = writeMpy(native, { smallIntBits: 31, arch: 7 });
    expect(readMpy(bytes, { ...machine, arch: 7 })).toMatchObject({ ...native, arch: 7 });
    expect(() => readMpy(bytes, machine)).toThrow('native code in .mpy unsupported');
    expect(() => readMpy(bytes, { ...machine, arch: 5 })).toThrow('incompatible .mpy arch');
  });

  it('keeps inline assembler with its signature', () => {
    const asm: CompiledModule = {
      qstrs: ['t.py'],
      consts: [],
      root: {
        kind: CodeKind.NativeAsm,
        code: Uint8Array.of(0x70, 0x47),
        children: [],
        scopeFlags: 0,
        native: { arch: 7, viperFlags: 0, nPosArgs: 2, typeSig: 2 },
      },
    };
    expect(readMpy(writeMpy(asm, { smallIntBits: 31, arch: 7 }), { ...machine, arch: 7 })).toMatchObject(asm);
  });
});

describe('what is refused', () => {
  it.each([
    ['nothing at all', new Uint8Array()],
    ['another kind of file', patched(0, 0x4e)],
    ['another version', patched(1, 5)],
    ['wider small integers', patched(3, 63)],
    ['a count beyond the file', patched(4, 0xff, 0xff, 0xff, 0x7f)],
    ['an endless number', patched(4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)],
    ['a static qstr that is none', patched(6, 0x83, 0x7f)],
    ['unknown flags of an architecture', patched(2, 0x40)],
  ])('%s', (_, bytes) => {
    expect(() => readMpy(bytes, machine)).toThrow(new MpyError('incompatible .mpy file'));
  });

  it('every file that ends too early', () => {
    for (let length = 0; length < file.length; length++) expect(() => readMpy(file.slice(0, length), machine)).toThrow(MpyError);
  });

  it('nothing worse comes of any broken file', () => {
    const edit = fc.tuple(fc.nat(file.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), edits => {
        const broken = file.slice();
        for (const [at, byte] of edits) if (at >= 4) broken[at] = byte;
        try {
          readMpy(broken, { ...machine, arch: 7 });
        } catch (error) {
          expect(error).toBeInstanceOf(MpyError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

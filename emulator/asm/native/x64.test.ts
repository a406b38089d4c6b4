import { describe, expect, it } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { nativeBackend } from '../assembler/backend.ts';
import { Arch } from '../assembler/thumb.ts';

/** Machine code of the first function of a module, as the cross-compiler makes it. */
function emit(source: string, smallIntBits = 31): string {
  const module = compile(source, {
    fileName: 'test.py',
    input: 'file',
    optLevel: 0,
    smallIntBits,
    float: 'double',
    errorReporting: 'detailed',
    defaultEmit: 'bytecode',
    nativeArch: Arch.X64,
    nativeBackend: nativeBackend(Arch.X64, { namesOperators: false }),
    crossCompiler: true,
  });
  return Buffer.from(module.root.children[0].code).toString('hex');
}

// The bytes are those of the official cross-compiler; scripts/machine-code compares thousands of programs with it.

describe('the native emitter for x86-64', () => {
  it('keeps two locals in registers, shifts by CL and compares into a byte', () => {
    const source =
      '@micropython.viper\ndef f(p: ptr8, n: int) -> int:\n    total = 0\n    for i in range(n):\n        total += p[i] << 3\n    return total\n';
    expect(emit(source)).toBe(
      '5553415441554883ec38488b6f084c8b6d10488b6d18488b6d004889f74889d64989cc84f60f850e000000ba020000004839fa0f840e000000ba04000400488b8560010000ffd0' +
        '498b3c24be05000000488b4518ffd04889c3498b7c2408be02000000488b4518ffd04989c4b80000000048894424304c892424bf0000000048897c2408e954000000488b44240848' +
        '894424084889442428488b4424304889442410488b4424284889df4801c70fb607b90300000048d3e04889c2488b7424104801d64889f04889442430ba01000000488b7424084801' +
        'd64889742408488b442408488b3c24488944240848893c244889c64831c04839fe0f9cc04885c07589488b4424304889c7be02000000488b4520ffd0e9000000004883ecc8415d41' +
        '5c5b5dc3',
    );
  });

  it('loads constants of 64 bits where they need them', () => {
    const source = '@micropython.viper\ndef f() -> int:\n    return 0x123456789abc\n';
    expect(emit(source, 63)).toContain('48bfbc9a785634120000');
  });
});

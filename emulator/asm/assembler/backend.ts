/** What the compiler plugs in to emit machine code for an architecture. */
import type { AssemblerEmitter, EmitContext, NativeBackend } from '../../compiler/emitter.ts';
import { InlineRv32 } from './inline-rv32.ts';
import { InlineThumb } from './inline-thumb.ts';
import { Arch } from './thumb.ts';

/**
 * The emitters for an architecture of the `.mpy` format, or undefined where there are none here (x86, Xtensa and others).
 *
 * @param archFlags of the architecture: for RV32, bit 0 is the extension Zba
 */
export function nativeBackend(arch: number, archFlags = 0): NativeBackend | undefined {
  if (arch >= Arch.Armv6 && arch <= Arch.Armv7emDp) return backend((context, maxLabels) => new InlineThumb(context, maxLabels, arch));
  if (arch === Arch.Rv32imc) return backend((context, maxLabels) => new InlineRv32(context, maxLabels, archFlags));
  return undefined;
}

function backend(assembler: (context: EmitContext, maxLabels: number) => AssemblerEmitter): NativeBackend {
  return { emitter: () => null, assembler };
}

/** What the compiler plugs in to emit machine code for an architecture. */

import type { NativeBackend } from '../../compiler/emitter.ts';
import { CompileError } from '../../compiler/rawcode.ts';
import { NativeEmitter } from '../native/emitter.ts';
import { Rv32Native } from '../native/rv32.ts';
import { ThumbNative } from '../native/thumb.ts';
import { X64Native } from '../native/x64.ts';
import { InlineRv32 } from './inline-rv32.ts';
import { InlineThumb } from './inline-thumb.ts';
import { Arch } from './thumb.ts';

function tooManyLocals(): never {
  throw new CompileError('NotImplementedError', 'too many locals for native method', '', 0, null);
}

export interface BackendOptions {
  /** Of the architecture: for RV32, bit 0 is the extension Zba. */
  readonly archFlags?: number;
  /** Whether messages name the operators that only a build with all special methods has names for: boards do, the cross-compiler does not. */
  readonly namesOperators?: boolean;
}

/**
 * The emitters for an architecture of the `.mpy` format, or undefined where there are none here (Xtensa and others).
 */
export function nativeBackend(arch: number, { archFlags = 0, namesOperators = true }: BackendOptions = {}): NativeBackend | undefined {
  if (arch === Arch.Rv32imc)
    return {
      emitter: (context, maxLabels) => new NativeEmitter(context, new Rv32Native(maxLabels, archFlags), namesOperators),
      assembler: (context, maxLabels) => new InlineRv32(context, maxLabels, archFlags),
    };
  if (arch === Arch.X64)
    return { emitter: (context, maxLabels) => new NativeEmitter(context, new X64Native(maxLabels), namesOperators), assembler: () => null };
  if (arch === Arch.Armv6) return { emitter: () => null, assembler: (context, maxLabels) => new InlineThumb(context, maxLabels, arch) };
  if (arch >= Arch.Armv6m && arch <= Arch.Armv7emDp)
    return {
      emitter: (context, maxLabels) => new NativeEmitter(context, new ThumbNative(maxLabels, arch, tooManyLocals), namesOperators),
      assembler: (context, maxLabels) => new InlineThumb(context, maxLabels, arch),
    };
  return undefined;
}

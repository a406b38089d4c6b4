/** The 32-bit instructions: ARMv7-M Architecture Reference Manual, A5.3. This file sorts them into groups; the groups have a file each. */
import { decodeControl } from './control.ts';
import { dataProcessingImmediate, dataProcessingShifted, plainImmediate } from './data-processing.ts';
import { undefinedInstruction } from './decode16.ts';
import type { Decoded, ThumbMachine } from './decoded.ts';
import { dataProcessingRegister } from './dsp.ts';
import { decodeFloat } from './float-decode.ts';
import { loadStoreDual, loadStoreSingle } from './load-store.ts';
import { loadMultiple, storeMultiple } from './multiple.ts';
import { longMultiplyDivide, multiply } from './multiply.ts';
import { SP } from './state.ts';

/** Whether a half-word is the first of a 32-bit instruction. */
export function isWide(h: number): boolean {
  return h >= 0xe800;
}

export function decode32(m: ThumbMachine, pc: number, h1: number, h2: number): Decoded {
  const op2 = (h1 >>> 4) & 0x7f;
  switch ((h1 >>> 11) & 3) {
    case 1:
      if (op2 & 0x40) return decodeFloat(m, pc, h1, h2);
      if (op2 & 0x20) return dataProcessingShifted(m, h1, h2);
      return op2 & 0x04 ? loadStoreDual(m, pc, h1, h2) : multipleTransfer(m, h1, h2);
    case 2:
      if (h2 & 0x8000) return decodeControl(m, pc, h1, h2);
      return op2 & 0x20 ? plainImmediate(m, pc, h1, h2) : dataProcessingImmediate(m, h1, h2);
    default:
      if (op2 & 0x40) return decodeFloat(m, pc, h1, h2);
      if (!(op2 & 0x20)) return loadStoreSingle(m, pc, h1, h2);
      if (!(op2 & 0x10)) return dataProcessingRegister(m, h1, h2);
      return op2 & 0x08 ? longMultiplyDivide(m, h1, h2) : multiply(m, h1, h2);
  }
}

function multipleTransfer(m: ThumbMachine, h1: number, h2: number): Decoded {
  const mode = (h1 >>> 7) & 3;
  if (mode === 0 || mode === 3) return undefinedInstruction(4);
  const base = h1 & 15;
  const transfer = { base, list: h2, writeback: (h1 & 0x20) !== 0, decrement: mode === 2, size: 4 as const };
  if (base === 15 || h2 === 0) return undefinedInstruction(4);
  if (h1 & 0x10) return loadMultiple(m, { ...transfer, list: h2 & ~(1 << SP), writeback: transfer.writeback && !(h2 & (1 << base)) });
  return storeMultiple(m, { ...transfer, list: h2 & ~(1 << SP) & 0x7fff });
}

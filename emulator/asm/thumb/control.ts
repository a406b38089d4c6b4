/** Branches, special registers, barriers and hints: ARMv7-M Architecture Reference Manual, A5.3.4. */

import { branchIf, undefinedInstruction } from './decode16.ts';
import { type Decoded, Kind, type ThumbMachine } from './decoded.ts';
import { GE, LR, PC, QF, readApsr, SP, writeFlags } from './state.ts';

/** Of an interrupt priority an STM32F4 implements the upper four bits: RM0090, 12.1.1. */
const PRIORITY_BITS = 0xf0;

export function decodeControl(m: ThumbMachine, pc: number, h1: number, h2: number): Decoded {
  const { r, timing } = m;
  const sign = (h1 >>> 10) & 1;
  const j1 = (h2 >>> 13) & 1;
  const j2 = (h2 >>> 11) & 1;
  if (h2 & 0x5000) {
    if (!(h2 & 0x1000)) return undefinedInstruction(4);
    const i1 = j1 ^ sign ^ 1;
    const i2 = j2 ^ sign ^ 1;
    const offset = (-sign << 24) | (i1 << 23) | (i2 << 22) | ((h1 & 0x3ff) << 12) | ((h2 & 0x7ff) << 1);
    const target = (pc + 4 + offset) | 0;
    const cycles = 1 + timing.refill;
    if (!(h2 & 0x4000)) return { run: () => void (r[PC] = target), size: 4, cycles, kind: Kind.Branch };
    const link = (pc + 4) | 1;
    const run = (): void => {
      r[LR] = link;
      r[PC] = target;
    };
    return { run, size: 4, cycles, kind: Kind.Branch };
  }
  const cc = (h1 >>> 6) & 15;
  if (cc < 14) {
    const offset = (-sign << 20) | (j2 << 19) | (j1 << 18) | ((h1 & 0x3f) << 12) | ((h2 & 0x7ff) << 1);
    return { run: branchIf(r, cc, (pc + 4 + offset) | 0, timing.refill), size: 4, cycles: 1, kind: Kind.Branch };
  }
  switch ((h1 >>> 4) & 0x7f) {
    case 0x38:
    case 0x39: {
      const rn = h1 & 15;
      const mask = (h2 >>> 10) & 3;
      const number = h2 & 0xff;
      return { run: () => writeSpecial(m, number, mask, r[rn]), size: 4, cycles: 2, kind: Kind.Ends };
    }
    case 0x3a:
      if ((h2 & 0xff) === 2 || (h2 & 0xff) === 3) return { run: () => m.requestStop('wfi'), size: 4, cycles: 1, kind: Kind.Ends };
      return { run: () => {}, size: 4, cycles: 1, kind: Kind.Plain };
    case 0x3b:
      return barrier(m, (h2 >>> 4) & 15);
    case 0x3e:
    case 0x3f: {
      const rd = (h2 >>> 8) & 15;
      const number = h2 & 0xff;
      return { run: () => void (r[rd] = readSpecial(m, number)), size: 4, cycles: 2, kind: Kind.Plain };
    }
    default:
      return undefinedInstruction(4);
  }
}

function barrier(m: ThumbMachine, op: number): Decoded {
  switch (op) {
    case 2:
      return { run: () => void (m.system.exclusive = -1), size: 4, cycles: 1, kind: Kind.Plain };
    case 4:
    case 5:
      return { run: () => {}, size: 4, cycles: 1, kind: Kind.Plain };
    case 6:
      // Ends the block, so that code written before it is decoded anew behind it.
      return { run: () => {}, size: 4, cycles: 1 + m.timing.refill, kind: Kind.Ends };
    default:
      return undefinedInstruction(4);
  }
}

/** SYSm numbers: ARMv7-M Architecture Reference Manual, B5.1.1. Unknown ones read as zero. */
function readSpecial({ r, system }: ThumbMachine, number: number): number {
  switch (number) {
    case 0:
    case 2:
      return readApsr(r) & 0xf80f0000;
    case 1:
    case 3:
      return (readApsr(r) & 0xf80f0000) | system.ipsr;
    case 5:
    case 7:
      return system.ipsr;
    case 8:
      return r[SP];
    case 9:
      return system.psp;
    case 16:
      return system.primask;
    case 17:
    case 18:
      return system.basepri;
    case 19:
      return system.faultmask;
    case 20:
      return system.control;
    default:
      return 0;
  }
}

function writeSpecial({ r, system }: ThumbMachine, number: number, mask: number, value: number): void {
  switch (number) {
    case 0:
    case 1:
    case 2:
    case 3:
      if (mask & 2) {
        writeFlags(r, value);
        r[QF] = (value >>> 27) & 1;
      }
      if (mask & 1) r[GE] = (value >>> 16) & 15;
      return;
    case 8:
      r[SP] = value & ~3;
      return;
    case 9:
      system.psp = value & ~3;
      return;
    case 16:
      system.primask = value & 1;
      return;
    case 17:
      system.basepri = value & PRIORITY_BITS;
      return;
    case 18:
      if ((value & 0xff) !== 0 && ((value & 0xff) < system.basepri || system.basepri === 0)) system.basepri = value & PRIORITY_BITS;
      return;
    case 19:
      system.faultmask = value & 1;
      return;
    case 20:
      system.control = (system.control & 4) | (value & 5);
      return;
    default:
      return;
  }
}

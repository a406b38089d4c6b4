/** Data processing with a modified immediate, a plain immediate or a shifted register: ARMv7-M Architecture Reference Manual, A5.3.1, A5.3.3, A5.3.11. */
import { ASR, adcFlags, addFlags, immediateShift, LSL, shift, shiftCarry, subFlags } from './arithmetic.ts';
import { undefinedInstruction } from './decode16.ts';
import { type Decoded, Kind, type ThumbMachine } from './decoded.ts';
import { saturate } from './dsp.ts';
import { CF, NV, PC, SP, ZV } from './state.ts';

const plain = (run: () => void): Decoded => ({ run, size: 4, cycles: 1, kind: Kind.Plain });

/** ThumbExpandImm: the constant that twelve bits stand for, and the carry it leaves (-1: unchanged). */
export function expandImmediate(imm12: number): { value: number; carry: number } {
  const byte = imm12 & 0xff;
  if (imm12 >>> 10 === 0) {
    switch ((imm12 >>> 8) & 3) {
      case 0:
        return { value: byte, carry: -1 };
      case 1:
        return { value: byte | (byte << 16), carry: -1 };
      case 2:
        return { value: (byte << 8) | (byte << 24), carry: -1 };
      default:
        return { value: byte | (byte << 8) | (byte << 16) | (byte << 24), carry: -1 };
    }
  }
  const rotation = imm12 >>> 7;
  const unrotated = 0x80 | (imm12 & 0x7f);
  const value = (unrotated >>> rotation) | (unrotated << (32 - rotation));
  return { value, carry: value >>> 31 };
}

export function dataProcessingImmediate(m: ThumbMachine, h1: number, h2: number): Decoded {
  const { value, carry } = expandImmediate(((h1 & 0x0400) << 1) | ((h2 & 0x7000) >>> 4) | (h2 & 0xff));
  const carryOut = carry < 0 ? null : () => carry;
  return operation(m, (h1 >>> 5) & 15, (h1 & 0x10) !== 0, (h2 >>> 8) & 15, h1 & 15, () => value, carryOut);
}

export function dataProcessingShifted(m: ThumbMachine, h1: number, h2: number): Decoded {
  const { r } = m;
  const op = (h1 >>> 5) & 15;
  const rd = (h2 >>> 8) & 15;
  const rn = h1 & 15;
  const rm = h2 & 15;
  const encodedType = (h2 >>> 4) & 3;
  const { type, amount } = immediateShift(encodedType, ((h2 >>> 10) & 0x1c) | ((h2 >>> 6) & 3));
  if (op === 6) {
    // PKHBT and PKHTB.
    if (h1 & 0x10 || encodedType & 1) return undefinedInstruction(4);
    if (encodedType === LSL) return plain(() => void (r[rd] = (r[rn] & 0xffff) | (shift(r[rm], LSL, amount, 0) & 0xffff0000)));
    return plain(() => void (r[rd] = (r[rn] & 0xffff0000) | (shift(r[rm], ASR, amount, 0) & 0xffff)));
  }
  const unshifted = type === LSL && amount === 0;
  const operand = unshifted ? () => r[rm] : () => shift(r[rm], type, amount, r[CF]);
  const carryOut = unshifted ? null : () => shiftCarry(r[rm], type, amount, r[CF]);
  return operation(m, op, (h1 & 0x10) !== 0, rd, rn, operand, carryOut);
}

/** The operations that both forms share; `carryOut` is null where the operand leaves the carry alone. */
function operation(
  { r }: ThumbMachine,
  op: number,
  setFlags: boolean,
  rd: number,
  rn: number,
  operand: () => number,
  carryOut: (() => number) | null,
): Decoded {
  const discard = rd === PC;
  if (discard && !setFlags) return undefinedInstruction(4);
  const spMask = rd === SP ? ~3 : -1;

  const logical = (compute: () => number): Decoded => {
    if (!setFlags) return plain(() => void (r[rd] = compute() & spMask));
    return plain(() => {
      const carry = carryOut === null ? r[CF] : carryOut();
      const result = compute();
      r[CF] = carry;
      r[NV] = result;
      r[ZV] = result;
      if (!discard) r[rd] = result & spMask;
    });
  };
  const arithmetic = (withFlags: () => number, withoutFlags: () => number): Decoded => {
    if (!setFlags) return plain(() => void (r[rd] = withoutFlags() & spMask));
    if (discard) return plain(() => void withFlags());
    return plain(() => void (r[rd] = withFlags() & spMask));
  };

  switch (op) {
    case 0:
      return logical(() => r[rn] & operand());
    case 1:
      return logical(() => r[rn] & ~operand());
    case 2:
      return rn === PC ? logical(operand) : logical(() => r[rn] | operand());
    case 3:
      return rn === PC ? logical(() => ~operand()) : logical(() => r[rn] | ~operand());
    case 4:
      return logical(() => r[rn] ^ operand());
    case 8:
      return arithmetic(
        () => addFlags(r, r[rn], operand()),
        () => r[rn] + operand(),
      );
    case 10:
      return arithmetic(
        () => adcFlags(r, r[rn], operand(), r[CF]),
        () => r[rn] + operand() + r[CF],
      );
    case 11:
      return arithmetic(
        () => adcFlags(r, r[rn], ~operand(), r[CF]),
        () => r[rn] + ~operand() + r[CF],
      );
    case 13:
      return arithmetic(
        () => subFlags(r, r[rn], operand()),
        () => r[rn] - operand(),
      );
    case 14:
      return arithmetic(
        () => subFlags(r, operand(), r[rn]),
        () => operand() - r[rn],
      );
    default:
      return undefinedInstruction(4);
  }
}

export function plainImmediate(m: ThumbMachine, pc: number, h1: number, h2: number): Decoded {
  const { r } = m;
  const rn = h1 & 15;
  const rd = (h2 >>> 8) & 15;
  const imm12 = ((h1 & 0x0400) << 1) | ((h2 & 0x7000) >>> 4) | (h2 & 0xff);
  const imm16 = ((h1 & 15) << 12) | imm12;
  const low = ((h2 >>> 10) & 0x1c) | ((h2 >>> 6) & 3);
  const width = h2 & 31;
  if (rd === PC) return undefinedInstruction(4);
  const spMask = rd === SP ? ~3 : -1;
  switch ((h1 >>> 4) & 31) {
    case 0: {
      if (rn === PC) {
        const address = ((pc + 4) & ~3) + imm12;
        return plain(() => void (r[rd] = address));
      }
      return plain(() => void (r[rd] = (r[rn] + imm12) & spMask));
    }
    case 4:
      return plain(() => void (r[rd] = imm16));
    case 10: {
      if (rn === PC) {
        const address = ((pc + 4) & ~3) - imm12;
        return plain(() => void (r[rd] = address));
      }
      return plain(() => void (r[rd] = (r[rn] - imm12) & spMask));
    }
    case 12:
      return plain(() => void (r[rd] = (r[rd] & 0xffff) | (imm16 << 16)));
    case 16:
    case 18:
    case 24:
    case 26:
      return saturate(m, h1, h2);
    case 20: {
      const up = 31 - (low + width);
      if (up < 0) return undefinedInstruction(4);
      const down = 31 - width;
      return plain(() => void (r[rd] = (r[rn] << up) >> down));
    }
    case 22: {
      // BFI, and BFC where Rn is 15; the field's last bit stands where a width stands elsewhere.
      if (width < low) return undefinedInstruction(4);
      const mask = ((width - low === 31 ? 0 : 1 << (width - low + 1)) - 1) << low;
      if (rn === PC) return plain(() => void (r[rd] &= ~mask));
      return plain(() => void (r[rd] = (r[rd] & ~mask) | ((r[rn] << low) & mask)));
    }
    case 28: {
      const up = 31 - (low + width);
      if (up < 0) return undefinedInstruction(4);
      const down = 31 - width;
      return plain(() => void (r[rd] = (r[rn] << up) >>> down));
    }
    default:
      return undefinedInstruction(4);
  }
}

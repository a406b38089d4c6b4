/** Multiplication, multiply-accumulate and division: ARMv7-M Architecture Reference Manual, A5.3.16 and A5.3.17. */

import { undefinedInstruction } from './decode16.ts';
import { type Decoded, Kind, type ThumbMachine } from './decoded.ts';
import { CYCLES, PC, QF } from './state.ts';
import { divideCycles } from './timing.ts';

const plain = (run: () => void): Decoded => ({ run, size: 4, cycles: 1, kind: Kind.Plain });

const low16 = (value: number): number => (value << 16) >> 16;
const high16 = (value: number): number => value >> 16;

/** A 32-bit accumulation that sets Q when it leaves the signed range, and wraps. */
function accumulate(r: Int32Array, sum: number): number {
  const wrapped = sum | 0;
  if (wrapped !== sum) r[QF] = 1;
  return wrapped;
}

export function multiply({ r }: ThumbMachine, h1: number, h2: number): Decoded {
  const rn = h1 & 15;
  const ra = h2 >>> 12;
  const rd = (h2 >>> 8) & 15;
  const rm = h2 & 15;
  const op2 = (h2 >>> 4) & 3;
  const accumulates = ra !== PC;
  if (h2 & 0xc0) return undefinedInstruction(4);
  switch ((h1 >>> 4) & 7) {
    case 0:
      if (op2 === 0)
        return accumulates
          ? plain(() => void (r[rd] = Math.imul(r[rn], r[rm]) + r[ra]))
          : plain(() => void (r[rd] = Math.imul(r[rn], r[rm])));
      return op2 === 1 ? plain(() => void (r[rd] = r[ra] - Math.imul(r[rn], r[rm]))) : undefinedInstruction(4);
    case 1: {
      // SMULxy, SMLAxy: op2 picks the halves, bit 1 for Rn.
      const first = op2 & 2 ? high16 : low16;
      const second = op2 & 1 ? high16 : low16;
      return accumulates
        ? plain(() => void (r[rd] = accumulate(r, first(r[rn]) * second(r[rm]) + r[ra])))
        : plain(() => void (r[rd] = first(r[rn]) * second(r[rm])));
    }
    case 2:
    case 4: {
      // SMUAD, SMLAD (2), SMUSD, SMLSD (4); X swaps the halves of Rm.
      const subtract = ((h1 >>> 4) & 7) === 4;
      const swap = (op2 & 1) !== 0;
      if (op2 & 2) return undefinedInstruction(4);
      return plain(() => {
        const a = r[rn];
        const b = r[rm];
        const p1 = low16(a) * (swap ? high16(b) : low16(b));
        const p2 = high16(a) * (swap ? low16(b) : high16(b));
        r[rd] = accumulate(r, (subtract ? p1 - p2 : p1 + p2) + (accumulates ? r[ra] : 0));
      });
    }
    case 3: {
      // SMULWy, SMLAWy: the upper 32 of 48 bits.
      if (op2 & 2) return undefinedInstruction(4);
      const second = op2 & 1 ? high16 : low16;
      return plain(() => {
        const product = Math.floor((r[rn] * second(r[rm])) / 65536);
        r[rd] = accumulates ? accumulate(r, product + r[ra]) : product;
      });
    }
    case 5:
    case 6: {
      // SMMUL, SMMLA (5), SMMLS (6); R rounds.
      if (op2 & 2) return undefinedInstruction(4);
      const subtract = ((h1 >>> 4) & 7) === 6;
      const rounding = op2 & 1 ? 0x80000000n : 0n;
      return plain(() => {
        const product = BigInt(r[rn]) * BigInt(r[rm]);
        const base = accumulates ? BigInt(r[ra]) << 32n : 0n;
        r[rd] = Number(BigInt.asIntN(32, ((subtract ? base - product : base + product) + rounding) >> 32n));
      });
    }
    default: {
      // USAD8, USADA8.
      if (op2 !== 0) return undefinedInstruction(4);
      return plain(() => {
        let sum = accumulates ? r[ra] : 0;
        for (let bit = 0; bit < 32; bit += 8) sum += Math.abs(((r[rn] >>> bit) & 0xff) - ((r[rm] >>> bit) & 0xff));
        r[rd] = sum;
      });
    }
  }
}

/** The upper 32 bits of an unsigned 32 by 32 bit product. */
export function multiplyHighUnsigned(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  return (aHigh * bHigh + Math.floor(middle / 65536) + ((middle & 0xffff) + aLow * bHigh) / 65536) | 0;
}

export function multiplyHighSigned(a: number, b: number): number {
  return (multiplyHighUnsigned(a, b) - (a < 0 ? b : 0) - (b < 0 ? a : 0)) | 0;
}

export function longMultiplyDivide({ r, timing }: ThumbMachine, h1: number, h2: number): Decoded {
  const rn = h1 & 15;
  const low = h2 >>> 12;
  const high = (h2 >>> 8) & 15;
  const rm = h2 & 15;
  const op2 = (h2 >>> 4) & 15;
  /** Adds a product of 64 bits (two's complement halves) to RdHi:RdLo. */
  const addLong = (productLow: number, productHigh: number): void => {
    const sum = (r[low] >>> 0) + (productLow >>> 0);
    r[low] = sum;
    r[high] = r[high] + productHigh + (sum > 0xffffffff ? 1 : 0);
  };
  switch ((h1 >>> 4) & 7) {
    case 0:
      if (op2 !== 0) return undefinedInstruction(4);
      return plain(() => {
        const a = r[rn];
        const b = r[rm];
        r[low] = Math.imul(a, b);
        r[high] = multiplyHighSigned(a, b);
      });
    case 1:
    case 3: {
      if (op2 !== 15) return undefinedInstruction(4);
      const signed = ((h1 >>> 4) & 7) === 1;
      const run = signed
        ? (): void => {
            const n = r[rn];
            const d = r[rm];
            r[CYCLES] += divideCycles(timing, Math.abs(n), Math.abs(d)) - timing.divideMin;
            r[high] = d === 0 ? 0 : (n / d) | 0;
          }
        : (): void => {
            const n = r[rn] >>> 0;
            const d = r[rm] >>> 0;
            r[CYCLES] += divideCycles(timing, n, d) - timing.divideMin;
            r[high] = d === 0 ? 0 : (n / d) | 0;
          };
      // The quotient of unsigned numbers may exceed 2^31, and `| 0` takes it modulo 2^32 as it should.
      return { run, size: 4, cycles: timing.divideMin, kind: Kind.Plain };
    }
    case 2:
      if (op2 !== 0) return undefinedInstruction(4);
      return plain(() => {
        const a = r[rn];
        const b = r[rm];
        r[low] = Math.imul(a, b);
        r[high] = multiplyHighUnsigned(a, b);
      });
    case 4:
      if (op2 === 0) return plain(() => addLong(Math.imul(r[rn], r[rm]), multiplyHighSigned(r[rn], r[rm])));
      if (op2 >= 8 && op2 < 12) {
        const first = op2 & 2 ? high16 : low16;
        const second = op2 & 1 ? high16 : low16;
        return plain(() => {
          const product = first(r[rn]) * second(r[rm]);
          addLong(product, product < 0 ? -1 : 0);
        });
      }
      return op2 === 12 || op2 === 13 ? dualLong(false, op2 === 13) : undefinedInstruction(4);
    case 5:
      return op2 === 12 || op2 === 13 ? dualLong(true, op2 === 13) : undefinedInstruction(4);
    case 6:
      if (op2 === 0) return plain(() => addLong(Math.imul(r[rn], r[rm]), multiplyHighUnsigned(r[rn], r[rm])));
      if (op2 !== 6) return undefinedInstruction(4);
      // UMAAL: both halves are added, each as 32 bits.
      return plain(() => {
        const a = r[rn];
        const b = r[rm];
        const s1 = (Math.imul(a, b) >>> 0) + (r[low] >>> 0);
        const s2 = (s1 >>> 0) + (r[high] >>> 0);
        r[low] = s2;
        r[high] = multiplyHighUnsigned(a, b) + (s1 > 0xffffffff ? 1 : 0) + (s2 > 0xffffffff ? 1 : 0);
      });
    default:
      return undefinedInstruction(4);
  }

  /** SMLALD, SMLSLD. */
  function dualLong(subtract: boolean, swap: boolean): Decoded {
    return plain(() => {
      const a = r[rn];
      const b = r[rm];
      const p1 = low16(a) * (swap ? high16(b) : low16(b));
      const p2 = high16(a) * (swap ? low16(b) : high16(b));
      const sum = subtract ? p1 - p2 : p1 + p2;
      addLong(sum | 0, Math.floor(sum / 4294967296));
    });
  }
}

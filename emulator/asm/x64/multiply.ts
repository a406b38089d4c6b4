/** Multiplication and division of 64 bits, on pairs; without integers of the host's that are longer, wherever they can be avoided. */
import { multiplyHighUnsigned } from '../thumb/multiply.ts';
import { CARRY, OVERFLOW, RAX, RDX } from './state.ts';
import { X64Trap } from './trap.ts';

/** The lower 64 bits of a product; `d` may be one of the factors. */
export function multiplyLow(r: Int32Array, d: number, a: number, b: number): void {
  const low = r[a];
  const other = r[b];
  const high = multiplyHighUnsigned(low, other) + Math.imul(low, r[b + 1]) + Math.imul(r[a + 1], other);
  r[d] = Math.imul(low, other);
  r[d + 1] = high;
}

const signed = (r: Int32Array, at: number): number => r[at + 1] * 4294967296 + (r[at] >>> 0);
const bigSigned = (r: Int32Array, at: number): bigint => (BigInt(r[at + 1]) << 32n) | BigInt(r[at] >>> 0);
const bigUnsigned = (r: Int32Array, at: number): bigint => BigInt.asUintN(64, bigSigned(r, at));

/** The same with the flags C and O: whether the product does not fit. */
export function multiplyFlags(r: Int32Array, d: number, a: number, b: number): void {
  const product = signed(r, a) * signed(r, b);
  let overflow = 0;
  if (Math.abs(product) >= 2 ** 62) {
    const exact = bigSigned(r, a) * bigSigned(r, b);
    overflow = exact === BigInt.asIntN(64, exact) ? 0 : 1;
  }
  multiplyLow(r, d, a, b);
  r[CARRY] = overflow;
  r[OVERFLOW] = overflow;
}

/** RDX:RAX = RAX × the pair at `s`, by products of halves. */
export function multiplyFull(r: Int32Array, s: number, isSigned: boolean): void {
  const a0 = r[RAX];
  const a1 = r[RAX + 1];
  const b0 = r[s];
  const b1 = r[s + 1];
  const w0 = Math.imul(a0, b0);
  let sum = (multiplyHighUnsigned(a0, b0) >>> 0) + (Math.imul(a0, b1) >>> 0) + (Math.imul(a1, b0) >>> 0);
  const w1 = sum | 0;
  sum =
    Math.floor(sum / 4294967296) + (multiplyHighUnsigned(a0, b1) >>> 0) + (multiplyHighUnsigned(a1, b0) >>> 0) + (Math.imul(a1, b1) >>> 0);
  let w2 = sum | 0;
  let w3 = (Math.floor(sum / 4294967296) + multiplyHighUnsigned(a1, b1)) | 0;
  if (isSigned) {
    for (const [sign, low, high] of [
      [a1, b0, b1],
      [b1, a0, a1],
    ]) {
      if (sign >= 0) continue;
      const difference = (w2 - low) | 0;
      w3 = (w3 - high - (w2 >>> 0 < low >>> 0 ? 1 : 0)) | 0;
      w2 = difference;
    }
  }
  r[RAX] = w0;
  r[RAX + 1] = w1;
  r[RDX] = w2;
  r[RDX + 1] = w3;
  const fits = isSigned ? w2 === w1 >> 31 && w3 === w1 >> 31 : (w2 | w3) === 0;
  r[CARRY] = fits ? 0 : 1;
  r[OVERFLOW] = r[CARRY];
}

function put(r: Int32Array, at: number, value: number): void {
  r[at] = value;
  r[at + 1] = Math.floor(value / 4294967296);
}
function putBig(r: Int32Array, at: number, value: bigint): void {
  r[at] = Number(BigInt.asIntN(32, value));
  r[at + 1] = Number(BigInt.asIntN(32, value >> 32n));
}

/** Numbers that the host's floats hold exactly. */
const EXACT = 2 ** 52;

/** RAX, RDX = quotient and remainder of RDX:RAX by the pair at `s`. */
export function divideFull(r: Int32Array, s: number, isSigned: boolean): void {
  const divisor = signed(r, s);
  const dividend = signed(r, RAX);
  const sign = isSigned ? r[RAX + 1] >> 31 : 0;
  const small = r[RDX] === sign && r[RDX + 1] === sign && Math.abs(dividend) < EXACT && Math.abs(divisor) < EXACT;
  if (small && divisor !== 0 && (isSigned || (dividend >= 0 && divisor >= 0))) {
    const rest = dividend % divisor;
    put(r, RAX, (dividend - rest) / divisor);
    put(r, RDX, rest);
    return;
  }
  const by = isSigned ? bigSigned(r, s) : bigUnsigned(r, s);
  if (by === 0n) throw new X64Trap('divide');
  const whole = ((isSigned ? bigSigned(r, RDX) : bigUnsigned(r, RDX)) << 64n) | bigUnsigned(r, RAX);
  const quotient = whole / by;
  if (quotient !== (isSigned ? BigInt.asIntN(64, quotient) : BigInt.asUintN(64, quotient))) throw new X64Trap('divide');
  putBig(r, RAX, quotient);
  putBig(r, RDX, whole % by);
}

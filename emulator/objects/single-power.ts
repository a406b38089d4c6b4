/**
 * powf() of the firmware of boards with single precision: the algorithm of FreeBSD's msun (Sun Microsystems, 1993), which the reference links.
 * It is not correctly rounded, so its steps are repeated here, each rounded to single precision; where the compiler for a
 * Cortex-M with FPU fuses a multiplication with an addition (its default for C), that is rounded once, as on the chip.
 *
 * log2 |x| is found as t1 + t2, where t1 has few bits so that products with it are exact; y · log2 |x| likewise as high + low; then 2 to
 * the power of that.
 */

import { power } from './power.ts';

const round = Math.fround;
/** a · b + c, rounded once: the product of two single-precision numbers is exact in a double. */
const fused = (a: number, b: number, c: number): number => Math.fround(a * b + c);

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);
/** The number with some of its low bits cleared. */
function masked(x: number, mask: number): number {
  float[0] = x;
  bits[0] &= mask;
  return float[0];
}
const HIGH = 0xfffff000 | 0;

function bitsOf(x: number): number {
  float[0] = x;
  return bits[0];
}
function ofBits(word: number): number {
  bits[0] = word;
  return float[0];
}

// Of ln x = 2 s + 2/3 s³ + s⁵ …, with s = (x - b) / (x + b): 3/2 of the part after the cube.
const LOG = [0x3f19999a, 0x3edb6db7, 0x3eaaaaab, 0x3e8ba305, 0x3e6c3255, 0x3e53f142].map(ofBits);
// Of e^x, as a rational function.
const EXP = [0x3e2aaaab, 0xbb360b61, 0x388ab355, 0xb5ddea0e, 0x3331bb4c].map(ofBits);
/** log2 1.5 */
const LOG2_15 = { high: ofBits(0x3f15c000), low: ofBits(0x35d1cfdc) };
/** 2 / (3 ln 2) */
const TWO_BY_3LN2 = { all: ofBits(0x3f76384f), high: ofBits(0x3f764000), low: ofBits(0xb8f623c6) };
/** ln 2 and 1 / ln 2 */
const LN2 = { all: ofBits(0x3f317218), high: ofBits(0x3f317200), low: ofBits(0x35bfbe8c) };
const BY_LN2 = { all: ofBits(0x3fb8aa3b), high: ofBits(0x3fb8aa00), low: ofBits(0x36eca570) };
/** How far beyond 128 the exponent may be without overflow. */
const OVERFLOW_TAIL = round(4.2995665694e-8);

/** powf(x, y) for single-precision numbers, special cases included; NaN for a negative x with a fractional y. */
export function singlePower(x: number, y: number): number {
  const special =
    !Number.isFinite(x) || !Number.isFinite(y) || x === 0 || x === 1 || x === -1 || y === 0 || (x < 0 && !Number.isInteger(y));
  return special ? round(power(x, y)) : ordinaryPower(x, y);
}

function ordinaryPower(x: number, y: number): number {
  if (y === 1) return x;
  if (y === -1) return round(1 / x);
  if (y === 2) return round(x * x);
  if (y === 0.5 && x > 0) return round(Math.sqrt(x));
  const sign = x < 0 && Math.abs(y) < 2 ** 24 && y % 2 !== 0 ? -1 : 1;
  const magnitude = Math.abs(x);
  if (Math.abs(y) > 2 ** 27) {
    const word = bitsOf(magnitude);
    if (word < 0x3f7ffff8) return sign * (y < 0 ? Number.POSITIVE_INFINITY : 0);
    if (word > 0x3f800007) return sign * (y > 0 ? Number.POSITIVE_INFINITY : 0);
    return sign * twoToProduct(y, logNearOne(magnitude));
  }
  return sign * twoToProduct(y, log2(magnitude));
}

type Log = readonly [high: number, low: number];

function logNearOne(x: number): Log {
  const t = round(x - 1);
  const w = round(round(t * t) * fused(-t, fused(-t, 0.25, round(1 / 3)), 0.5));
  const v = fused(t, BY_LN2.low, -round(w * BY_LN2.all));
  const t1 = masked(fused(BY_LN2.high, t, v), HIGH);
  return [t1, round(v - fused(-BY_LN2.high, t, t1))];
}

function log2(x: number): Log {
  let n = 0;
  if (x < 2 ** -126) {
    x = round(x * 2 ** 24);
    n = -24;
  }
  let word = bitsOf(x);
  n += (word >> 23) - 127;
  const fraction = word & 0x007fffff;
  word = fraction | 0x3f800000;
  // Near 1, or near 1.5.
  let k = 0;
  if (fraction > 0x1cc471) {
    if (fraction < 0x5db3d7) k = 1;
    else {
      n++;
      word -= 0x00800000;
    }
  }
  const ax = ofBits(word);
  const base = k === 0 ? 1 : 1.5;
  const u = round(ax - base);
  const v = round(1 / round(ax + base));
  const s = round(u * v);
  const sHigh = masked(s, HIGH);
  const sumHigh = ofBits((((word >> 1) & HIGH) | 0x20000000) + 0x00400000 + (k << 21));
  const sumLow = round(ax - round(sumHigh - base));
  const sLow = round(v * fused(-sHigh, sumLow, fused(-sHigh, sumHigh, u)));

  const square = round(s * s);
  let series = LOG[5];
  for (let i = 4; i >= 0; i--) series = fused(square, series, LOG[i]);
  const r = fused(round(square * square), series, round(sLow * round(sHigh + s)));
  const tHigh = masked(round(fused(sHigh, sHigh, 3) + r), HIGH);
  const tLow = round(r - fused(-sHigh, sHigh, round(tHigh - 3)));
  const vv = fused(sLow, tHigh, round(tLow * s));
  const pHigh = masked(fused(sHigh, tHigh, vv), HIGH);
  const pLow = round(vv - fused(-sHigh, tHigh, pHigh));
  const tail = k === 0 ? 0 : LOG2_15.low;
  const head = k === 0 ? 0 : LOG2_15.high;
  const zLow = round(fused(TWO_BY_3LN2.low, pHigh, round(pLow * TWO_BY_3LN2.all)) + tail);
  const t1 = masked(round(round(fused(TWO_BY_3LN2.high, pHigh, zLow) + head) + n), HIGH);
  return [t1, round(zLow - fused(-TWO_BY_3LN2.high, pHigh, round(round(t1 - n) - head)))];
}

/** 2 to the power of y · (t1 + t2). */
function twoToProduct(y: number, [t1, t2]: Log): number {
  const yHigh = masked(y, HIGH);
  let low = fused(round(y - yHigh), t1, round(y * t2));
  let high = round(yHigh * t1);
  let z = round(low + high);
  if (z > 128 || (z === 128 && round(low + OVERFLOW_TAIL) > round(z - high))) return Number.POSITIVE_INFINITY;
  if (z < -150 || (z === -150 && low <= round(z - high))) return 0;
  let n = 0;
  if (Math.abs(z) > 0.5) {
    // The nearest whole number, halves away from zero.
    n = Math.sign(z) * Math.floor(Math.abs(z) + 0.5);
    high = round(high - n);
  }
  const t = masked(round(low + high), 0xffff8000 | 0);
  const v = fused(round(low - round(t - high)), LN2.all, round(t * LN2.low));
  z = fused(t, LN2.high, v);
  const w = round(v - fused(-t, LN2.high, z));
  const square = round(z * z);
  let series = EXP[4];
  for (let i = 3; i >= 0; i--) series = fused(square, series, EXP[i]);
  const t3 = fused(-square, series, z);
  const r = round(round(round(z * t3) / round(t3 - 2)) - fused(z, w, w));
  low = round(1 - round(r - z));
  return round(low * 2 ** n);
}

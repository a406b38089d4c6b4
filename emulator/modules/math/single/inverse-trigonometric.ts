/** The inverse trigonometric functions (arithmetic.ts). */
import { f, floats, fma, highPart, ofWord, sqrt, word } from './arithmetic.ts';

const HALF_PI = { high: ofWord(0x3fc90fda), low: ofWord(0x33a22168) };
/** Of (asin x − x) / x, as a rational function of x². */
const ASIN = [f(1.6666586697e-1), f(-4.2743422091e-2), f(-8.656363003e-3), f(-7.066296339e-1)];
const ONE = 0x3f800000;

function asinTail(z: number): number {
  const p = f(z * fma(fma(z, ASIN[2], ASIN[1]), z, ASIN[0]));
  return f(p / fma(z, ASIN[3], 1));
}

export function asin(x: number): number {
  const size = word(x) & 0x7fffffff;
  if (size >= ONE) return size === ONE ? f(x * HALF_PI.high) : Number.NaN;
  if (size < 0x3f000000) {
    if (size < 0x39800000 && size >= 0x00800000) return x;
    return fma(asinTail(f(x * x)), x, x);
  }
  const z = f(f(1 - Math.abs(x)) * 0.5);
  const s = sqrt(z);
  const result = f(HALF_PI.high - fma(2, fma(asinTail(z), s, s), -HALF_PI.low));
  return x < 0 ? -result : result;
}

export function acos(x: number): number {
  const size = word(x) & 0x7fffffff;
  if (size >= ONE) return size > ONE ? Number.NaN : x < 0 ? f(2 * HALF_PI.high) : 0;
  if (size < 0x3f000000) {
    if (size <= 0x32800000) return HALF_PI.high;
    return f(HALF_PI.high - f(x - fma(-asinTail(f(x * x)), x, HALF_PI.low)));
  }
  const z = f(f(1 - Math.abs(x)) * 0.5);
  const s = sqrt(z);
  if (x < 0) return f(2 * f(HALF_PI.high - f(s + fma(asinTail(z), s, -HALF_PI.low))));
  const high = highPart(s);
  const low = f(fma(-high, high, z) / f(s + high));
  return f(2 * f(high + fma(asinTail(z), s, low)));
}

/** The arc tangents of ½, 1, 1½ and infinity, high and low parts. */
const ATAN_HIGH = floats(0x3eed6338, 0x3f490fda, 0x3f7b985e, 0x3fc90fda);
const ATAN_LOW = floats(0x31ac3769, 0x33222168, 0x33140fb4, 0x33a22168);
const ATAN = [3.3333328366e-1, -1.9999158382e-1, 1.4253635705e-1, -1.0648017377e-1, 6.1687607318e-2].map(f);

export function atan(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = word(x) & 0x7fffffff;
  const negative = word(x) < 0;
  if (size >= 0x4c800000) return negative ? -HALF_PI.high : HALF_PI.high;
  if (size < 0x39800000) return x;
  let nearest = -1;
  let y = x;
  if (size >= 0x3ee00000) {
    const a = Math.abs(x);
    if (size < 0x3f300000) {
      nearest = 0;
      y = f(fma(2, a, -1) / f(2 + a));
    } else if (size < 0x3f980000) {
      nearest = 1;
      y = f(f(a - 1) / f(a + 1));
    } else if (size < 0x401c0000) {
      nearest = 2;
      y = f(f(a - 1.5) / fma(1.5, a, 1));
    } else {
      nearest = 3;
      y = f(-1 / a);
    }
  }
  const z = f(y * y);
  const w = f(z * z);
  const even = fma(fma(w, ATAN[4], ATAN[2]), w, ATAN[0]);
  const odd = f(w * fma(w, ATAN[3], ATAN[1]));
  const tail = f(y * fma(even, z, odd));
  if (nearest < 0) return f(y - tail);
  const result = f(ATAN_HIGH[nearest] - f(f(tail - ATAN_LOW[nearest]) - y));
  return negative ? -result : result;
}

const PI = { high: ofWord(0x40490fdb), low: ofWord(0xb3bbbd2e | 0) };

export function atan2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x === 1) return atan(y);
  const sizeX = word(x) & 0x7fffffff;
  const sizeY = word(y) & 0x7fffffff;
  const left = word(x) < 0;
  const below = word(y) < 0;
  const signed = (value: number) => (below ? -value : value);
  if (sizeY === 0) return left ? signed(PI.high) : y;
  if (sizeX === 0) return signed(f(PI.high / 2));
  if (x === Infinity) return signed(sizeY === sizeX ? f(PI.high / 4) : 0);
  if (x === -Infinity) return signed(sizeY === sizeX ? f(f(3 * PI.high) / 4) : PI.high);
  const MUCH = 26 << 23;
  if (sizeX + MUCH < sizeY || sizeY === 0x7f800000) return signed(f(PI.high / 2));
  const z = left && sizeY + MUCH < sizeX ? 0 : atan(Math.abs(f(y / x)));
  if (!left) return signed(z);
  return signed(f(PI.high - f(z - PI.low)));
}

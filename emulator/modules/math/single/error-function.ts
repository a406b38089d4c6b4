/** The error function and its complement (arithmetic.ts): rational functions on intervals of |x|. */
import { f, floats, fma, highPart, ofWord, polynomial, word } from './arithmetic.ts';
import { exp } from './exponential.ts';

interface Rational {
  readonly above: readonly number[];
  readonly below: readonly number[];
}

/** Up to 0.84: of (erf x − x) / x, in x². */
const NEAR: Rational = {
  above: floats(0x3e0375d4, 0xbea66beb | 0, 0xbce9528f | 0, 0xbbbd1489 | 0, 0xb7c756b1 | 0),
  below: floats(0x3f800000, 0x3ecbbbce, 0x3d852a63, 0x3ba68116, 0x390aee49, 0xb684e21a | 0),
};
/** Up to 1.25: of erf x − 0.845, in |x| − 1. */
const MIDDLE: Rational = {
  above: floats(0xbb1acdc6 | 0, 0x3ed46805, 0xbebe9208 | 0, 0x3ea2fe54, 0xbde31cc2 | 0, 0x3d1151b3, 0xbb0df9c0 | 0),
  below: floats(0x3f800000, 0x3dd9f331, 0x3f0a5785, 0x3d931ae7, 0x3e013307, 0x3c5f6e13, 0x3c445aa3),
};
const AT_ONE = ofWord(0x3f58560b);
/** Up to 2.86, and beyond: of ln(x e^(x²) erfc x), in 1 / x². */
const FAR: Rational = {
  above: floats(
    0xbc21a093 | 0,
    0xbf31a0b7 | 0,
    0xc128f022 | 0,
    0xc2798057 | 0,
    0xc322658c | 0,
    0xc3389ae7 | 0,
    0xc2a2932b | 0,
    0xc11d077e | 0,
  ),
  below: floats(0x3f800000, 0x419d35ce, 0x4309a863, 0x43d9486f, 0x442158c9, 0x43d6810b, 0x42d9451f, 0x40d23f7c, 0xbd777f97 | 0),
};
const FARTHER: Rational = {
  above: floats(0xbc21a092 | 0, 0xbf4c9dd4 | 0, 0xc18e104b | 0, 0xc320a2ea | 0, 0xc41f6441 | 0, 0xc480230b | 0, 0xc3f1c275 | 0),
  below: floats(0x3f800000, 0x41f2b459, 0x43a2e571, 0x44c01759, 0x4547fdbb, 0x451f90ce, 0x43ed43a7, 0xc1b38712 | 0),
};
const FACTOR = ofWord(0x3e0375d4);

const ratio = (x: number, { above, below }: Rational) => f(polynomial(x, above) / polynomial(x, below));

/** erfc a for a ≥ 1.25. */
function tail(a: number, rational: Rational): number {
  const s = f(1 / f(a * a));
  const high = highPart(a);
  const first = exp(fma(-high, high, -0.5625));
  const second = exp(fma(f(high - a), f(high + a), ratio(s, rational)));
  return f(f(first * second) / a);
}

export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = word(x) & 0x7fffffff;
  const a = ofWord(size);
  if (size < 0x3f580000) {
    if (size >= 0x31800000) return fma(x, ratio(f(x * x), NEAR), x);
    // Far down, eight times as much is added up, for the sake of the last bit.
    if (size < 0x04000000) return f(0.125 * fma(8, x, f(ofWord(0x3f8375d4) * x)));
    return fma(x, FACTOR, x);
  }
  let result: number;
  if (size < 0x3fa00000) result = f(AT_ONE + ratio(f(a - 1), MIDDLE));
  else if (size >= 0x40c00000) result = 1;
  else result = f(1 - tail(a, size < 0x4036db6e ? FAR : FARTHER));
  return x < 0 ? -result : result;
}

export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = word(x) & 0x7fffffff;
  const a = ofWord(size);
  if (size < 0x3f580000) {
    if (size < 0x23800000) return f(1 - x);
    const y = f(x * ratio(f(x * x), NEAR));
    return x < 0.25 ? f(1 - f(x + y)) : f(0.5 - f(f(x - 0.5) + y));
  }
  if (size < 0x3fa00000) {
    const y = ratio(f(a - 1), MIDDLE);
    return x > 0 ? f(f(1 - AT_ONE) - y) : f(1 + f(AT_ONE + y));
  }
  if (x < 0 && size >= 0x40c00000) return 2;
  if (size >= 0x41e00000) return 0;
  const small = tail(a, size < 0x4036db6d ? FAR : FARTHER);
  return x > 0 ? small : f(2 - small);
}

/** 16-bit floats, with the reference's own rounding (py/binary.c): it differs from IEEE 754 where a carry leaves the fraction, and above the largest half. */

const word = new DataView(new ArrayBuffer(4));

export function decodeHalf(half: number): number {
  const sign = (half & 0x8000) !== 0 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

export function encodeHalf(value: number): number {
  word.setFloat32(0, value);
  const single = word.getUint32(0);
  let fraction = ((single >> 13) & 0x3ff) + ((single >> 12) & 1);
  let exponent = (single >> 23) & 0xff;
  if (exponent === 0xff) exponent = 0x1f;
  else if (exponent !== 0) {
    exponent -= 127 - 15;
    if (exponent < 0) {
      fraction = exponent >= -11 ? roundedHalf((fraction | 0x400) >> -exponent) : 0;
      exponent = 0;
    } else if (exponent > 0x3f) {
      exponent = 0x1f;
      fraction = 0;
    }
  }
  return (((single >>> 16) & 0x8000) | (exponent << 10) | fraction) & 0xffff;
}

const roundedHalf = (bits: number): number => (bits >> 1) + (bits & 1);

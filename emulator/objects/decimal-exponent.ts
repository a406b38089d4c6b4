/**
 * number × 10^exponent, with the rounding of MicroPython 1.27.0 (mp_decimal_exp in py/parsenum.c). Reading and printing decimal numbers
 * rest on it, and its rounding shows in their last digits, so it is done here with the same operations in the same order:
 *
 * - double precision goes through the C compiler's `long double`: 64 bits of mantissa on x86 (the official Unix build and mpy-cross),
 *   113 on WebAssembly;
 * - single precision stays in single precision.
 */

/** A positive number mantissa × 2^exponent; the mantissa has its top bit set (or is 0). */
export interface Extended {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const ZERO: Extended = { mantissa: 0n, exponent: 0 };

/** Exponents of ten beyond this make any mantissa infinite, or zero, as a double. */
const MAX_EXPONENT = 400;

const view = new DataView(new ArrayBuffer(8));

/** Arithmetic on positive numbers with a mantissa of so many bits, rounding to nearest, ties to even. */
export class ExtendedArithmetic {
  /** 10^(2^k), each the rounded square of the one before. */
  private readonly powers: Extended[] = [];
  private readonly powersAsDouble = new Map<number, number>();
  private readonly top: bigint;

  constructor(readonly bits: number) {
    this.top = 1n << BigInt(bits - 1);
    let power = this.fromInteger(10n);
    for (let k = 0; 1 << k <= 2 * MAX_EXPONENT; k++) {
      this.powers.push(power);
      power = this.multiply(power, power);
    }
  }

  private normalise(mantissa: bigint, exponent: number): Extended {
    if (mantissa === 0n) return ZERO;
    const excess = bitLength(mantissa) - this.bits;
    if (excess <= 0) return { mantissa: mantissa << BigInt(-excess), exponent: exponent + excess };
    const shift = BigInt(excess);
    let rounded = mantissa >> shift;
    const rest = mantissa - (rounded << shift);
    const half = 1n << (shift - 1n);
    if (rest > half || (rest === half && (rounded & 1n) === 1n)) rounded++;
    if (rounded === this.top << 1n) return { mantissa: this.top, exponent: exponent + excess + 1 };
    return { mantissa: rounded, exponent: exponent + excess };
  }

  fromInteger(value: bigint): Extended {
    return this.normalise(value, 0);
  }

  /** A finite, positive double. */
  fromDouble(value: number): Extended {
    view.setFloat64(0, value);
    const high = view.getUint32(0);
    const field = (high >>> 20) & 0x7ff;
    const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(view.getUint32(4));
    return field === 0 ? this.normalise(fraction, -1074) : this.normalise(fraction | (1n << 52n), field - 1075);
  }

  toDouble({ mantissa, exponent }: Extended): number {
    if (mantissa === 0n) return 0;
    const magnitude = exponent + this.bits - 1;
    if (magnitude > 1024) return Number.POSITIVE_INFINITY;
    if (magnitude >= -1022) {
      // 53 bits first, in a range where nothing is lost by scaling.
      const { mantissa: m, exponent: e } = double.normalise(mantissa, exponent);
      return e >= -1022 ? Number(m) * 2 ** e : Number(m) * 2 ** (e + 64) * 2 ** -64;
    }
    const shift = BigInt(-1074 - exponent);
    let units = mantissa >> shift;
    const rest = mantissa - (units << shift);
    const half = 1n << (shift - 1n);
    if (rest > half || (rest === half && (units & 1n) === 1n)) units++;
    return Number(units) * Number.MIN_VALUE;
  }

  multiply(a: Extended, b: Extended): Extended {
    return this.normalise(a.mantissa * b.mantissa, a.exponent + b.exponent);
  }

  divide(a: Extended, b: Extended): Extended {
    if (a.mantissa === 0n) return ZERO;
    // Enough bits that the last, set when there is a rest, decides ties.
    const shift = BigInt(this.bits + 2);
    const dividend = a.mantissa << shift;
    let quotient = dividend / b.mantissa;
    if (quotient * b.mantissa !== dividend) quotient |= 1n;
    return this.normalise(quotient, a.exponent - b.exponent - this.bits - 2);
  }

  /** The number × 10^exponent: one multiplication, or division, for each bit of the exponent, least first. */
  scale(value: Extended, exponent: number): Extended {
    const divide = exponent < 0;
    let result = value;
    for (let rest = Math.abs(exponent), k = 0; rest !== 0; rest >>= 1, k++) {
      if ((rest & 1) !== 0) result = divide ? this.divide(result, this.powers[k]!) : this.multiply(result, this.powers[k]!);
    }
    return result;
  }

  /** mantissa × 10^exponent as a double. */
  decimalToDouble(mantissa: bigint, exponent: number): number {
    if (mantissa === 0n) return 0;
    if (exponent > MAX_EXPONENT) return Number.POSITIVE_INFINITY;
    if (exponent < -MAX_EXPONENT) return 0;
    if (exponent === 0) return Number(mantissa);
    return this.toDouble(this.scale(this.fromInteger(mantissa), exponent));
  }

  /** 10^exponent as a double. */
  powerOfTen(exponent: number): number {
    let power = this.powersAsDouble.get(exponent);
    if (power === undefined) {
      power = this.decimalToDouble(1n, exponent);
      this.powersAsDouble.set(exponent, power);
    }
    return power;
  }

  /** The integer nearest to the number, as adding a half and cutting off the fraction give it. */
  roundToInteger({ mantissa, exponent }: Extended): bigint {
    if (mantissa === 0n) return 0n;
    if (exponent >= 0) return mantissa << BigInt(exponent);
    const shift = BigInt(-exponent);
    const sum = this.normalise(mantissa * 2n + (1n << shift), exponent - 1);
    return sum.exponent >= 0 ? sum.mantissa << BigInt(sum.exponent) : sum.mantissa >> BigInt(-sum.exponent);
  }
}

function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0]!, 16)) + 28;
}

const double = new ExtendedArithmetic(53);

/** `long double` on x86. */
export const EXTENDED_64 = new ExtendedArithmetic(64);
/** `long double` on WebAssembly. */
export const EXTENDED_113 = new ExtendedArithmetic(113);

/** Width of a machine's floats, and the arithmetic that its decimal conversions go through. */
export interface FloatKind {
  readonly width: 'single' | 'double';
  readonly extended: ExtendedArithmetic;
}

/** The kind of a profile's floats; one without floats never uses it. */
export function floatKind(float: 'single' | 'double' | 'none', longDoubleBits: 64 | 113 = 64): FloatKind {
  return { width: float === 'single' ? 'single' : 'double', extended: longDoubleBits === 113 ? EXTENDED_113 : EXTENDED_64 };
}

/**
 * Powers of five where the boards' `powf` is not the nearest single-precision number: bits of powf(5, n) by n. Observed on a Cortex-M4F
 * with the library that MicroPython's boards are built with; all others from -300 to 300 are the nearest.
 */
const INEXACT_POWERS_OF_FIVE = new Map([
  [-51, 0x043f8fdc],
  [-49, 0x0695a864],
  [-45, 0x0b36b00e],
  [-36, 0x15aa2424],
  [-22, 0x25f1c900],
  [-18, 0x2a9392ee],
  [11, 0x4c3a43b8],
]);

/** Beyond these, single-precision powers of five are 0 and infinite. */
const MIN_POWER = -64;
const MAX_POWER = 56;

const powersOfFive = new Float32Array(MAX_POWER - MIN_POWER + 1);
for (let n = MIN_POWER; n <= MAX_POWER; n++) {
  const bits = INEXACT_POWERS_OF_FIVE.get(n);
  if (bits === undefined) {
    powersOfFive[n - MIN_POWER] = n >= 0 ? 5 ** n : 1 / 5 ** -n;
  } else {
    view.setUint32(0, bits);
    powersOfFive[n - MIN_POWER] = view.getFloat32(0);
  }
}

const powerOfFive = (n: number): number => (n < MIN_POWER ? 0 : n > MAX_POWER ? Number.POSITIVE_INFINITY : powersOfFive[n - MIN_POWER]!);

/** Up to this exponent a power of five is exact in single precision, so dividing by it is better than multiplying by its inverse. */
const MAX_EXACT_POWER = 10;

/** A single-precision number × 10^exponent: the power of two goes straight into the exponent's field, where it may wrap around. */
export function scaleSingle(value: number, exponent: number): number {
  if (exponent === 0 || value === 0) return value;
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  const field = ((bits >>> 23) + exponent) & 0xff;
  view.setUint32(0, ((bits & 0x807fffff) | (field << 23)) >>> 0);
  const shifted = view.getFloat32(0);
  if (exponent < 0 && exponent >= -MAX_EXACT_POWER) return Math.fround(shifted / powerOfFive(-exponent));
  return Math.fround(shifted * powerOfFive(exponent));
}

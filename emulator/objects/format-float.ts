/**
 * Floats to text with the digits of MicroPython 1.27.0 (py/formatfloat.c): `repr`, `str`, `%` formats and `format` go through here.
 */
import { EXTENDED_64, type ExtendedArithmetic } from './decimal-exponent.ts';
import { parseDecimalDigits } from './parse-number.ts';

export interface FloatFormat {
  /** Exponential, fixed or general; in upper case for `E`, `INF` and `NAN`. */
  format: 'e' | 'f' | 'g' | 'E' | 'F' | 'G';
  /** Digits after the point (`e`, `f`) or significant digits (`g`); below 0 for the default of 6; 'repr' for as many as it takes. */
  precision: number | 'repr';
  /** Written before a number that is not negative. */
  sign?: '' | '+' | ' ';
  width: 'single' | 'double';
  /** The `long double` of the machine for double precision: EXTENDED_64 unless given. */
  extended?: ExtendedArithmetic;
}

/** Characters that the reference has room for; long formats are cut to it. */
const BUFFER = 33;

interface Limits {
  /** Most digits that the mantissa can hold. */
  maxDigits: number;
  /** Digits that are always right. */
  safeDigits: number;
  /** Room for sign, digit, point and exponent. */
  minimum: number;
}

const LIMITS: Record<'single' | 'double', Limits> = {
  single: { maxDigits: 9, safeDigits: 6, minimum: 6 },
  double: { maxDigits: 19, safeDigits: 16, minimum: 7 },
};

/** Position of the decimal point that means: none. */
const NO_POINT = 255;

interface Layout {
  mode: 'e' | 'f' | 'g';
  /** Text before the digits (0.000…). */
  prefix: string;
  /** Number of digits of the mantissa. */
  digits: number;
  /** Digits before the point, less one. */
  point: number;
  trailingZeros: number;
  /** Exponent to write. */
  exponent: number;
  /** `g`: exponents below this are written out as zeros. */
  maxExponentZeros: number;
}

/** Lays out a decimal mantissa. */
function layOut(mantissa: bigint, cap: bigint, layout: Layout): string {
  let { prefix, digits, point, trailingZeros, exponent } = layout;
  const { mode } = layout;
  if (mantissa !== 0n && mantissa >= cap) {
    // Rounding has made one digit more.
    if (mode === 'f') {
      digits++;
      point++;
    } else {
      mantissa /= 10n;
      exponent++;
    }
  }
  if (mode === 'g' && exponent !== 0) {
    if (exponent >= 0) {
      if (exponent < layout.maxExponentZeros) {
        point += exponent;
        if (point >= digits) trailingZeros = point - (digits - 1);
        exponent = 0;
      }
    } else if (exponent >= -4) {
      let removed = 0;
      while (exponent < 0 && mantissa % 10n === 0n) {
        mantissa /= 10n;
        removed++;
        exponent++;
      }
      digits -= removed;
      prefix = `0.${'0'.repeat(Math.max(removed - exponent - 1, 0))}`;
      point = NO_POINT;
      exponent = 0;
    }
  }
  let text = digits > 0 ? mantissa.toString().padStart(digits, '0').slice(-digits) : '';
  let hasPoint = point >= NO_POINT;
  if (point + 1 < digits) {
    hasPoint = true;
    text = `${text.slice(0, point + 1)}.${text.slice(point + 1)}`;
  }
  text = prefix + text;
  if (trailingZeros > 0) {
    point -= digits - 1;
    while (trailingZeros-- > 0) {
      if (point-- === 0) {
        text += '.';
        hasPoint = true;
      }
      text += '0';
    }
  }
  if (mode === 'g' && hasPoint) text = text.replace(/0+$/, '').replace(/\.$/, '');
  if ((exponent !== 0 || mode === 'e') && mode !== 'f') {
    text += `e${exponent < 0 ? '-' : '+'}${Math.abs(exponent).toString().padStart(2, '0')}`;
  }
  return text;
}

/** The text of a float. */
export function formatFloat(value: number, options: FloatFormat): string {
  const upper = options.format < 'a';
  const negative = (value < 0 || Object.is(value, -0)) && !Number.isNaN(value);
  const sign = negative ? '-' : (options.sign ?? '');
  const text = formatPositive(negative ? -value : value, options, BUFFER - sign.length);
  return sign + (upper ? text.toUpperCase() : text);
}

function formatPositive(value: number, options: FloatFormat, buffer: number): string {
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (Number.isNaN(value)) return 'nan';
  const { maxDigits: mantissaDigits, safeDigits, minimum } = LIMITS[options.width];
  const scaling = options.width === 'single' ? singleScaling : doubleScaling(options.extended ?? EXTENDED_64);
  let mode = options.format.toLowerCase() as 'e' | 'f' | 'g';
  let precision = options.precision === 'repr' ? mantissaDigits : options.precision < 0 ? 6 : options.precision;
  const maxExponentZeros = options.precision === 'repr' ? 16 : Math.min(precision, buffer - 3);

  const exponent = value === 0 ? 0 : scaling.exponentOf(value);
  if (mode === 'f' && exponent > 0 && exponent + precision + 2 > buffer) {
    mode = 'g';
    precision++;
  }

  let maxDigits = precision;
  let leadingZeros = 0;
  if (mode === 'f') {
    maxDigits = Math.min(maxDigits, buffer - 3);
    if (exponent >= 0) maxDigits += exponent + 1;
    else if (maxDigits > 2 && exponent < -2) {
      leadingZeros = Math.min(-exponent, maxDigits) - 2;
      maxDigits -= leadingZeros;
    } else maxDigits++;
  } else if (mode === 'e' || maxDigits === 0) {
    maxDigits++;
  }
  let trailingZeros = 0;
  if (maxDigits > mantissaDigits) {
    trailingZeros = maxDigits - mantissaDigits;
    maxDigits = mantissaDigits;
  }
  trailingZeros = Math.min(trailingZeros, buffer - maxDigits - (mode === 'f' ? 3 : minimum + 1));

  // A short text first; more digits only when it does not read back as the same number.
  for (let digits = Math.min(safeDigits, maxDigits); ; digits++) {
    let decimalExponent = digits - exponent - 1;
    let point = 0;
    let prefix = '';
    if (value === 0) {
      decimalExponent = 0;
    } else if (mode === 'f') {
      decimalExponent = digits - 1;
      if (exponent >= 0) {
        decimalExponent -= exponent;
        point = exponent;
      } else if (leadingZeros > 0) {
        prefix = `0.${'0'.repeat(leadingZeros)}`;
        decimalExponent += leadingZeros + 1;
        point = NO_POINT;
      }
    }
    const layout: Layout = {
      mode,
      prefix,
      digits,
      point,
      trailingZeros: trailingZeros + (maxDigits - digits),
      exponent,
      maxExponentZeros,
    };
    const text = scaling.text(value, decimalExponent, layout, digits < maxDigits);
    if (text !== null) return text;
  }
}

interface Scaling {
  /** Decimal exponent of a positive number. */
  exponentOf(value: number): number;
  /** The text with the layout's number of digits; null when more may be had and would be better. */
  text(value: number, decimalExponent: number, layout: Layout, moreDigits: boolean): string | null;
}

const view = new DataView(new ArrayBuffer(8));
const TEN = Array.from({ length: 20 }, (_, n) => 10n ** BigInt(n));
const LOG10_OF_2 = 0.3010299956639812;

function estimateExponent(value: number, binaryExponent: number, powerOfTen: (exponent: number) => number, log: number): number {
  let exponent = Math.trunc(log);
  const large = value >= 1;
  const step = large ? 1 : 0;
  while (value >= powerOfTen(exponent + step) === large) {
    exponent += large ? 1 : -1;
    if (Math.abs(exponent) > Math.abs(binaryExponent) + 2) break;
  }
  return exponent;
}

const doubleScalings = new Map<ExtendedArithmetic, Scaling>();

function doubleScaling(extended: ExtendedArithmetic): Scaling {
  let scaling = doubleScalings.get(extended);
  if (scaling !== undefined) return scaling;
  const powerOfTen = (exponent: number): number => extended.powerOfTen(exponent);
  scaling = {
    exponentOf(value) {
      view.setFloat64(0, value);
      const binary = ((view.getUint32(0) >>> 20) & 0x7ff) - 1023;
      return estimateExponent(value, binary, powerOfTen, binary * LOG10_OF_2);
    },
    text(value, decimalExponent, layout, moreDigits) {
      const mantissa = value === 0 ? 0n : extended.roundToInteger(extended.scale(extended.fromDouble(value), decimalExponent));
      const text = layOut(mantissa, TEN[layout.digits]!, layout);
      if (moreDigits && parseDecimalDigits(text, { width: 'double', extended }).value !== value) return null;
      return text;
    },
  };
  doubleScalings.set(extended, scaling);
  return scaling;
}

const singleScaling: Scaling = doubleScaling(EXTENDED_64);

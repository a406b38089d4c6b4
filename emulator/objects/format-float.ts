/**
 * Floats to text with the digits of MicroPython 1.27.0 (py/formatfloat.c): `repr`, `str`, `%` formats and `format` go through here.
 */
import { EXTENDED_64, type ExtendedArithmetic, scaleSingle } from './decimal-exponent.ts';
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

/** Lays out a decimal mantissa, given as its digits. */
function layOut(mantissa: string, layout: Layout): string {
  let { prefix, digits, point, trailingZeros, exponent } = layout;
  const { mode } = layout;
  if (mantissa.length > digits && mantissa !== '0') {
    // Rounding has made one digit more.
    if (mode === 'f') {
      digits++;
      point++;
    } else {
      mantissa = mantissa.slice(0, -1);
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
      while (exponent < 0 && mantissa.endsWith('0') && mantissa.length > 1) {
        mantissa = mantissa.slice(0, -1);
        removed++;
        exponent++;
      }
      digits -= removed;
      prefix = `0.${'0'.repeat(Math.max(removed - exponent - 1, 0))}`;
      point = NO_POINT;
      exponent = 0;
    }
  }
  let text = digits > 0 ? mantissa.padStart(digits, '0').slice(-digits) : '';
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
const LOG10_OF_2 = 0.3010299956639812;

/** From an estimate towards the exact decimal exponent, by comparing with powers of ten. */
function exactExponent(value: number, estimate: number, powerOfTen: (exponent: number) => number): number {
  const large = value >= 1;
  const step = large ? 1 : 0;
  let exponent = estimate;
  while (value >= powerOfTen(exponent + step) === large) exponent += large ? 1 : -1;
  return exponent;
}

const doubleScalings = new Map<ExtendedArithmetic, Scaling>();

/** Double precision: the mantissa comes from a wider float, and is right as soon as it reads back right. */
function doubleScaling(extended: ExtendedArithmetic): Scaling {
  let scaling = doubleScalings.get(extended);
  if (scaling !== undefined) return scaling;
  const powerOfTen = (exponent: number): number => extended.powerOfTen(exponent);
  scaling = {
    exponentOf(value) {
      view.setFloat64(0, value);
      const binary = ((view.getUint32(0) >>> 20) & 0x7ff) - 1023;
      return exactExponent(value, Math.trunc(binary * LOG10_OF_2), powerOfTen);
    },
    text(value, decimalExponent, layout, moreDigits) {
      const mantissa = value === 0 ? 0n : extended.roundToInteger(extended.scale(extended.fromDouble(value), decimalExponent));
      const text = layOut(mantissa.toString(), layout);
      if (moreDigits && parseDecimalDigits(text, { width: 'double', extended }).value !== value) return null;
      return text;
    },
  };
  doubleScalings.set(extended, scaling);
  return scaling;
}

const SINGLE_LOG10_OF_2 = Math.fround(LOG10_OF_2);

/**
 * Single precision: there is no wider float, so the mantissa is only near. It is moved, in steps that get smaller, towards one that
 * reads back as the number.
 */
const singleScaling: Scaling = {
  exponentOf(value) {
    view.setFloat32(0, value);
    const binary = ((view.getUint32(0) >>> 23) & 0xff) - 127;
    return exactExponent(value, Math.trunc(Math.fround(binary * SINGLE_LOG10_OF_2)), exponent => scaleSingle(1, exponent));
  },
  text(value, decimalExponent, layout, moreDigits) {
    const { maxDigits, safeDigits } = LIMITS.single;
    let scale = 1;
    if (layout.digits > safeDigits && decimalExponent > 1) {
      // The last digits come from an integer multiplication.
      if (layout.digits > safeDigits + 1 && decimalExponent > 2) {
        scale = 100;
        decimalExponent -= 2;
      } else {
        scale = 10;
        decimalExponent -= 1;
      }
    }
    const scaled = Math.fround(scaleSingle(value, decimalExponent) + 0.5);
    let mantissa = (scale * Math.min(Math.trunc(scaled), 0xffffffff)) >>> 0;
    let text = layOut(mantissa.toString(), layout);
    const difference = (): number => Math.fround(parseDecimalDigits(text, { width: 'single' }).value - value);
    let error = difference();
    let bestError = error;
    let bestMantissa = mantissa;
    if (error === 0) return text;
    let step = layout.digits > safeDigits ? 1 << (3 * (layout.digits - safeDigits)) : 1;
    for (let runs = 3 + 3 * (maxDigits - safeDigits); runs > 0; runs--) {
      mantissa = (mantissa + (error < 0 ? step : -step)) >>> 0;
      text = layOut(mantissa.toString(), layout);
      error = difference();
      if (error === 0) break;
      const gain = Math.fround(Math.abs(error) - Math.abs(bestError));
      if (gain < 0 || (gain === 0 && mantissa % 10 === 0)) {
        bestError = error;
        bestMantissa = mantissa;
      }
      if (step > 1) {
        step >>= 1;
      } else {
        if (moreDigits) return null;
        return mantissa === bestMantissa ? text : layOut(bestMantissa.toString(), layout);
      }
    }
    return text;
  },
};

/** Arithmetic on constants at compile time, with the guest's own numbers. */
import { power } from '../objects/power.ts';
import { singlePower } from '../objects/single-power.ts';
import { BinaryOp, UnaryOp } from './operators.ts';
import { type CompileOptions, type Const, ConstFloat } from './rawcode.ts';

/** Results of more bits than this are left to the run time, which has the guest's memory to answer for. */
const MAX_FOLDED_BITS = 1 << 20;

export const isNumber = (value: Const): boolean => typeof value === 'number' || typeof value === 'bigint' || value instanceof ConstFloat;

export const isInteger = (value: Const): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';

/** An integer as `number` when that is exact. */
function integer(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

export function foldUnary(op: UnaryOp, operand: Const): Const | undefined {
  if (operand instanceof ConstFloat) {
    if (op === UnaryOp.Invert) return undefined;
    return op === UnaryOp.Negative ? new ConstFloat(-operand.value) : operand;
  }
  if (!isInteger(operand)) return undefined;
  if (op === UnaryOp.Positive) return operand;
  if (op === UnaryOp.Negative) return typeof operand === 'number' ? 0 - operand : integer(-operand);
  return typeof operand === 'number' ? -1 - operand : integer(-1n - operand);
}

/** The value of `left op right`, or undefined when the guest would raise an exception (or give a complex number). */
export function foldBinary(op: BinaryOp, left: Const, right: Const, options: CompileOptions): Const | undefined {
  if (isInteger(left) && isInteger(right)) return foldIntegers(op, left, right, options);
  const a = left instanceof ConstFloat ? left.value : toFloat(left as number | bigint, options);
  const b = right instanceof ConstFloat ? right.value : toFloat(right as number | bigint, options);
  return foldFloats(op, a, b, options);
}

function foldIntegers(op: BinaryOp, left: number | bigint, right: number | bigint, options: CompileOptions): Const | undefined {
  if (typeof left === 'number' && typeof right === 'number') {
    let result: number;
    switch (op) {
      case BinaryOp.Add:
        result = left + right;
        break;
      case BinaryOp.Subtract:
        result = left - right;
        break;
      case BinaryOp.Multiply:
        result = left * right;
        break;
      default:
        result = Number.NaN;
    }
    if (Number.isSafeInteger(result)) return result === 0 ? 0 : result;
  }
  const a = BigInt(left);
  const b = BigInt(right);
  switch (op) {
    case BinaryOp.Or:
      return integer(a | b);
    case BinaryOp.Xor:
      return integer(a ^ b);
    case BinaryOp.And:
      return integer(a & b);
    case BinaryOp.LeftShift:
      if (b < 0n || b > largestShift(options)) return undefined;
      if (a === 0n) return 0;
      if (b + BigInt(bitLength(a)) > MAX_FOLDED_BITS) return undefined;
      return integer(a << b);
    case BinaryOp.RightShift:
      if (b < 0n || b > largestShift(options)) return undefined;
      return integer(b > MAX_FOLDED_BITS ? (a < 0n ? -1n : 0n) : a >> b);
    case BinaryOp.Add:
      return integer(a + b);
    case BinaryOp.Subtract:
      return integer(a - b);
    case BinaryOp.Multiply:
      if (bitLength(a) + bitLength(b) > MAX_FOLDED_BITS) return undefined;
      return integer(a * b);
    case BinaryOp.FloorDivide: {
      if (b === 0n) return undefined;
      const quotient = a / b;
      return integer(quotient * b !== a && a < 0n !== b < 0n ? quotient - 1n : quotient);
    }
    case BinaryOp.Modulo: {
      if (b === 0n) return undefined;
      const remainder = a % b;
      return integer(remainder !== 0n && remainder < 0n !== b < 0n ? remainder + b : remainder);
    }
    case BinaryOp.TrueDivide:
      return foldFloats(op, toFloat(left, options), toFloat(right, options), options);
    case BinaryOp.Power: {
      if (b < 0n) return foldFloats(op, toFloat(left, options), toFloat(right, options), options);
      if (a === 0n || a === 1n) return integer(b === 0n ? 1n : a);
      if (a === -1n) return (b & 1n) === 0n ? 1 : -1;
      if (b * BigInt(bitLength(a)) > MAX_FOLDED_BITS) return undefined;
      return integer(a ** b);
    }
    default:
      return undefined;
  }
}

/** A shift by more than a machine word holds overflows, so it is left to run time; the cross-compiler's words have 64 bits. */
const largestShift = (options: CompileOptions): bigint =>
  options.crossCompiler === true || options.smallIntBits > 31 ? 0x7fffffffffffffffn : 0x7fffffffn;

/**
 * An integer as a float. One that is no small integer is added up digit after digit, each sum rounded, which is not always the
 * nearest float.
 */
function toFloat(value: number | bigint, options: CompileOptions): number {
  const round = options.float === 'single' ? Math.fround : (number: number) => number;
  const wide = options.crossCompiler === true || options.smallIntBits > 31;
  const limit = wide ? 1n << 62n : 1n << 30n;
  const exact = BigInt(value);
  if (exact >= -limit && exact < limit) return round(Number(exact));
  // The official cross-compiler's large integers have digits of 32 bits, those of the firmwares and of the Unix executable 16.
  const digitBits = options.crossCompiler === true ? 32n : 16n;
  const magnitude = exact < 0n ? -exact : exact;
  const digits: number[] = [];
  for (let rest = magnitude; rest > 0n; rest >>= digitBits) digits.push(Number(BigInt.asUintN(Number(digitBits), rest)));
  let result = 0;
  for (let i = digits.length - 1; i >= 0; i--) result = round(round(result * 2 ** Number(digitBits)) + digits[i]!);
  return exact < 0n ? -result : result;
}

function bitLength(value: bigint): number {
  return (value < 0n ? -value : value).toString(16).length * 4;
}

function foldFloats(op: BinaryOp, left: number, right: number, options: CompileOptions): Const | undefined {
  if (options.float === 'none') return undefined;
  const round = options.float === 'single' ? Math.fround : (value: number) => value;
  const a = round(left);
  const b = round(right);
  switch (op) {
    case BinaryOp.Add:
      return new ConstFloat(round(a + b));
    case BinaryOp.Subtract:
      return new ConstFloat(round(a - b));
    case BinaryOp.Multiply:
      return new ConstFloat(round(a * b));
    case BinaryOp.TrueDivide:
      return b === 0 ? undefined : new ConstFloat(round(a / b));
    case BinaryOp.FloorDivide:
      return b === 0 ? undefined : new ConstFloat(floorDivide(a, b, round));
    case BinaryOp.Modulo:
      return b === 0 ? undefined : new ConstFloat(modulo(a, b, round));
    case BinaryOp.Power:
      if (a === 0 && b < 0 && b !== -Infinity) return undefined;
      if (a < 0 && b !== Math.floor(b) && !Number.isNaN(b)) return undefined; // complex
      return new ConstFloat(options.float === 'single' ? singlePower(a, b) : power(a, b));
    default:
      return undefined;
  }
}

function modulo(a: number, b: number, round: (value: number) => number): number {
  let remainder = a % b;
  if (remainder === 0) return b < 0 ? -0 : 0;
  if (remainder < 0 !== b < 0) remainder = round(remainder + b);
  return remainder;
}

function floorDivide(a: number, b: number, round: (value: number) => number): number {
  const remainder = a % b;
  let quotient = round(round(a - remainder) / b);
  if (remainder !== 0 && remainder < 0 !== b < 0) quotient = round(quotient - 1);
  if (quotient === 0) return Object.is(round(a / b), -0) || a / b < 0 ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? round(floor + 1) : floor;
}

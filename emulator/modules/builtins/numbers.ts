/** Built-in functions on numbers (py/modbuiltins.c). */

import { newFloat, toFloat } from '../../objects/float.ts';
import { fun1, fun2, funVar } from '../../objects/function.ts';
import { addressOf } from '../../objects/identity.ts';
import { intFromFloat, intPow3 } from '../../objects/int.ts';
import { power } from '../../objects/power.ts';
import { singlePower } from '../../objects/single-power.ts';
import { binaryOp, isTrue, toInt, unaryOp } from '../../vm/operators.ts';
import type { Value } from '../../vm/value.ts';
import { BinaryOp, UnaryOp } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';

export function numberFunctions(): [string, Value][] {
  return [
    ['abs', fun1(value => unaryOp(UnaryOp.Abs, value))],
    ['divmod', fun2((a, b) => binaryOp(BinaryOp.DivMod, a, b))],
    ['hash', fun1(value => unaryOp(UnaryOp.Hash, value))],
    ['id', fun1(identity)],
    ['pow', funVar(2, 3, args => (args.length === 2 ? binaryOp(BinaryOp.Power, args[0], args[1]) : intPow3(args[0], args[1], args[2])))],
    ['round', funVar(1, 2, round)],
  ];
}

/** The word that stands for the value: an address, or the value itself with its tag. */
function identity(value: Value): Value {
  if (value === null) return 6;
  if (typeof value === 'boolean') return value ? 30 : 14;
  if (typeof value === 'number' && value >= vm.smallIntMin && value <= vm.smallIntMax) {
    const tagged = 2 * value + 1;
    return Number.isSafeInteger(tagged) ? tagged : 2n * BigInt(value) + 1n;
  }
  return addressOf(value);
}

function round(args: readonly Value[]): Value {
  const [value] = args;
  if (typeof value === 'number' || typeof value === 'bigint') return args.length < 2 ? value : roundInt(value, toInt(args[1]));
  const rounder = vm.float32 ? Math.fround : (x: number): number => x;
  const x = toFloat(value);
  if (args.length < 2) return intFromFloat(roundHalfToEven(x));
  const digits = rounder(toInt(args[1]));
  const scale = vm.float32 ? singlePower(10, digits) : power(10, digits);
  return newFloat(rounder(roundHalfToEven(rounder(x * scale)) / scale));
}

function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest < 0.5 || (rest === 0.5 && below % 2 === 0)) return below;
  // Keeps the sign of a zero.
  return x < 0 && below === -1 ? -0 : below + 1;
}

/** Rounds to a power of ten, with the guest's own arithmetic. */
function roundInt(value: number | bigint, digits: number): Value {
  if (digits >= 0) return value;
  const unit = binaryOp(BinaryOp.Power, 10, -digits);
  const half = binaryOp(BinaryOp.FloorDivide, unit, 2);
  const rest = binaryOp(BinaryOp.Modulo, value, unit);
  const down = binaryOp(BinaryOp.Subtract, value, rest);
  if (isTrue(binaryOp(BinaryOp.More, half, rest))) return down;
  if (!isTrue(binaryOp(BinaryOp.More, rest, half))) {
    const quotient = binaryOp(BinaryOp.FloorDivide, value, unit);
    if (!isTrue(binaryOp(BinaryOp.And, quotient, 1))) return down;
  }
  return binaryOp(BinaryOp.Add, down, unit);
}

/** Constants of modules that the compiler puts in place of `module.NAME`. */
import { type Const, type ConstantModules, ConstFloat } from './rawcode.ts';

const float = (value: number): ConstFloat => new ConstFloat(value);

/** What the cross-compiler knows; ports with `errno`, `uctypes` and the like know theirs, too. */
export const MATH_CONSTANTS: ReadonlyMap<string, Const> = new Map([
  ['e', float(Math.E)],
  ['pi', float(Math.PI)],
  ['tau', float(2 * Math.PI)],
  ['inf', float(Number.POSITIVE_INFINITY)],
  ['nan', float(Number.NaN)],
]);

export const DEFAULT_MODULE_CONSTANTS: ConstantModules = new Map([['math', MATH_CONSTANTS]]);

/**
 * Built-in functions (py/objfun.c), written in TypeScript. `fun0` … `fun3` take a fixed number of arguments, `funVar` a range,
 * `funKw` keywords too. The checks and messages for wrong counts are done here.
 */

import { Cycles } from '../vm/cost.ts';
import { hot } from '../vm/hot.ts';
import { isTrue, toInt } from '../vm/operators.ts';
import { raiseNotImplemented, raiseTypeError } from '../vm/raise.ts';
import { MpType, TypeFlag } from '../vm/type.ts';
import type { KwArgs, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';

type Fn0 = () => Value;
type Fn1 = (a: Value) => Value;
type Fn2 = (a: Value, b: Value) => Value;
type Fn3 = (a: Value, b: Value, c: Value) => Value;
type FnVar = (args: readonly Value[]) => Value;
type FnKw = (args: readonly Value[], kw: KwArgs) => Value;

const slots = { flags: TypeFlag.BindsSelf | TypeFlag.BuiltinFun };
const fixedType = (n: number) =>
  new MpType('function', {
    ...slots,
    call: (self: MpNativeFun, args: Value[], kw: KwArgs) => {
      hot.budget -= Cycles.nativeCall;
      checkArgCount(args.length, kw, n, n, false);
      return (self.fn as (...args: Value[]) => Value)(...args);
    },
  });
const funTypes = [fixedType(0), fixedType(1), fixedType(2), fixedType(3)];
export const funVarType = new MpType('function', {
  ...slots,
  call: (self: MpNativeFun, args: Value[], kw: KwArgs) => {
    hot.budget -= Cycles.nativeCall;
    checkArgCount(args.length, kw, self.min, self.max, self.takesKw);
    return self.takesKw ? (self.fn as FnKw)(args, kw) : (self.fn as FnVar)(args);
  },
});

/** The types of functions with none to three arguments, and of those with a variable number. */
export const nativeFunTypes: readonly MpType[] = [...funTypes, funVarType];

export class MpNativeFun extends MpObj {
  constructor(
    type: MpType,
    readonly fn: Fn0 | Fn1 | Fn2 | Fn3 | FnVar | FnKw,
    readonly min: number,
    readonly max: number,
    readonly takesKw: boolean,
  ) {
    super(type);
    this.fixed = type !== funVarType;
  }
  /** `fn` takes its arguments one by one. */
  readonly fixed: boolean;
}

export const fun0 = (fn: Fn0): MpNativeFun => new MpNativeFun(funTypes[0], fn, 0, 0, false);
export const fun1 = (fn: Fn1): MpNativeFun => new MpNativeFun(funTypes[1], fn, 1, 1, false);
export const fun2 = (fn: Fn2): MpNativeFun => new MpNativeFun(funTypes[2], fn, 2, 2, false);
export const fun3 = (fn: Fn3): MpNativeFun => new MpNativeFun(funTypes[3], fn, 3, 3, false);
/** Takes `min` to `max` positional arguments (self included for a method), no keywords. */
export const funVar = (min: number, max: number, fn: FnVar): MpNativeFun => new MpNativeFun(funVarType, fn, min, max, false);
/** Takes at least `min` positional arguments, and keywords. Parse them with `parseArgs`. */
export const funKw = (min: number, fn: FnKw): MpNativeFun => new MpNativeFun(funVarType, fn, min, Infinity, true);

/** Raises the reference's TypeError unless the counts fit (mp_arg_check_num). */
export function checkArgCount(n: number, kw: KwArgs, min: number, max: number, takesKw: boolean): void {
  if (kw !== null && kw.length > 0 && !takesKw) {
    raiseTypeError(vm.terse ? 'argument num/types mismatch' : "function doesn't take keyword arguments");
  }
  if (min === max) {
    if (n !== min) {
      raiseTypeError(vm.terse ? 'argument num/types mismatch' : `function takes ${min} positional arguments but ${n} were given`);
    }
  } else if (n < min) {
    raiseTypeError(vm.terse ? 'argument num/types mismatch' : `function missing ${min - n} required positional arguments`);
  } else if (n > max) {
    raiseTypeError(vm.terse ? 'argument num/types mismatch' : `function expected at most ${max} arguments, got ${n}`);
  }
}

/** What a type whose constructor knows no keywords raises when it gets some (mp_arg_error_unimpl_kw). */
export function raiseUnimplementedKeywords(): never {
  raiseNotImplemented('keyword argument(s) not implemented - use normal args instead');
}

/** One parameter of a built-in function with keywords. `required` and `kwOnly` as MP_ARG_REQUIRED and MP_ARG_KW_ONLY. */
export interface ArgSpec {
  readonly name: string;
  readonly required?: boolean;
  readonly kwOnly?: boolean;
  readonly default?: Value;
  /** How the value is converted: left alone, to an int, or to a bool. */
  readonly as?: 'object' | 'int' | 'bool';
}

/**
 * Matches arguments with a specification (mp_arg_parse_all). Returns one value for each parameter, `undefined` where one is
 * absent and has no default. Raises TypeError as the reference does.
 */
export function parseArgs<const S extends readonly ArgSpec[]>(spec: S, args: readonly Value[], kw: KwArgs): (Value | undefined)[] {
  let positional = 0;
  let keywords = 0;
  const out: (Value | undefined)[] = [];
  for (const param of spec) {
    let given: Value | undefined;
    if (positional < args.length) {
      if (param.kwOnly) raiseTypeError(vm.terse ? 'argument num/types mismatch' : 'extra positional arguments given');
      given = args[positional++];
    } else {
      if (kw !== null) {
        for (let i = 0; i < kw.length; i += 2) {
          if (kw[i] === param.name) {
            given = kw[i + 1];
            keywords++;
            break;
          }
        }
      }
      if (given === undefined) {
        if (param.required) raiseTypeError(vm.terse ? 'argument num/types mismatch' : `'${param.name}' argument required`);
        out.push(param.default);
        continue;
      }
    }
    if (param.as === 'int') out.push(toInt(given));
    else if (param.as === 'bool') out.push(isTrue(given));
    else out.push(given);
  }
  if (positional < args.length) raiseTypeError(vm.terse ? 'argument num/types mismatch' : 'extra positional arguments given');
  if (kw !== null && keywords < kw.length / 2) raiseTypeError(vm.terse ? 'argument num/types mismatch' : 'extra keyword arguments given');
  return out;
}

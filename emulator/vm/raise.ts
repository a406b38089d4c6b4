/** Raising guest exceptions from TypeScript. Messages are the reference's, to the byte. */
import { excTypes, MpException, newException, newMessageException } from '../objects/exception.ts';
import { stackCosts } from './stack-costs.ts';
import type { MpType } from './type.ts';
import { typeName } from './type.ts';
import type { Value } from './value.ts';
import { vm } from './vm.ts';

/** What is thrown through TypeScript when the guest raises. Not an Error: it carries no host stack, which would cost much. */
export class Raise {
  constructor(readonly exception: Value) {}
}

/** Raises an exception of a built-in type with the given arguments. */
export function raise(type: MpType, ...args: Value[]): never {
  throw new Raise(newException(type, args));
}

/** Raises an exception of a built-in type with a message of the interpreter's own, or with none. */
export function raiseMessage(type: MpType, message?: string): never {
  throw new Raise(message === undefined ? newException(type, []) : newMessageException(type, message));
}

export function raiseTypeError(message?: string): never {
  raiseMessage(excTypes.TypeError, message);
}
export function raiseValueError(message?: string): never {
  raiseMessage(excTypes.ValueError, message);
}
export function raiseOSError(errno: number): never {
  throw new Raise(newException(excTypes.OSError, [errno]));
}
export function raiseRuntimeError(message: string): never {
  raiseMessage(excTypes.RuntimeError, message);
}
export function raiseNotImplemented(message?: string): never {
  raiseMessage(excTypes.NotImplementedError, message);
}
export function raiseIndexError(message: string): never {
  raiseMessage(excTypes.IndexError, message);
}
export function raiseKeyError(key: Value): never {
  throw new Raise(newException(excTypes.KeyError, [key]));
}
export function raiseAttributeError(message: string): never {
  raiseMessage(excTypes.AttributeError, message);
}
export function raiseStopIteration(value: Value | undefined): never {
  throw new Raise(newException(excTypes.StopIteration, value === undefined ? [] : [value]));
}
export function raiseIntConversion(value: Value): never {
  raiseTypeError(vm.terse ? "can't convert to int" : `can't convert ${typeName(value)} to int`);
}
export function raiseZeroDivision(): never {
  raiseMessage(excTypes.ZeroDivisionError, 'divide by zero');
}
export function raiseRecursionDepth(): never {
  throw new Raise(new MpException(excTypes.RuntimeError, ['maximum recursion depth exceeded']));
}

/** Takes so many bytes of the guest's C stack. Returns what was in use before, for the caller to restore. Raises RuntimeError when it is used up. */
export function goDeeper(cost: number): number {
  const before = vm.stackUsed;
  if ((vm.stackUsed = before + cost) > vm.stackLimit) {
    vm.stackUsed = before;
    raiseRecursionDepth();
  }
  return before;
}

/** Runs `action` one level deeper on the guest's C stack. Raises RuntimeError when that is used up. */
export function deeper<T>(action: () => T, cost = stackCosts().native): T {
  const before = goDeeper(cost);
  try {
    return action();
  } finally {
    vm.stackUsed = before;
  }
}

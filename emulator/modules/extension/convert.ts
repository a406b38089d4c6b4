/**
 * What crosses between the guest and a project's module. Containers are copied, both ways, a dict becomes a Map: no guest value is ever the key of a
 * JavaScript object, and none is handed out.
 */

import { bufferMaybe } from '../../objects/buffer.ts';
import { makeBytearray } from '../../objects/bytearray.ts';
import { newBytes } from '../../objects/bytes.ts';
import { dictStore, MpDict, newDict } from '../../objects/dict.ts';
import { newException } from '../../objects/exception.ts';
import { MpFloat, newFloat } from '../../objects/float.ts';
import { MpInstance } from '../../objects/instance.ts';
import { isInt, newInt } from '../../objects/int.ts';
import { MpList, newList } from '../../objects/list.ts';
import { emptyTuple, MpTuple, newTuple } from '../../objects/tuple.ts';
import { call, isCallable } from '../../vm/call.ts';
import { raiseTypeError, raiseValueError } from '../../vm/raise.ts';
import { scheduleCall } from '../../vm/scheduler.ts';
import { BufferFlag, typeName } from '../../vm/type.ts';
import type { Value } from '../../vm/value.ts';
import {
  type GuestError,
  type GuestFunction,
  type GuestObject,
  type HostValue,
  markOf,
  type Parameter,
  type PyFloat,
  type PyTuple,
  type ReturnType,
} from './definition.ts';
import type { ModuleLife } from './life.ts';
import { ModuleFailure } from './module-failure.ts';
import { GuestModuleObject } from './module-object.ts';

/** Deeper than this nothing is that a module would look at; what holds itself is. */
const MAX_DEPTH = 32;

/** The guest's value behind a handle. */
const behind = new WeakMap<object, Value>();

/** A value as the module gets it where it takes any. Raises ValueError for what is nested too deeply. */
export function toHost(life: ModuleLife, value: Value, depth = 0): HostValue {
  if (depth > MAX_DEPTH) raiseValueError('nested too deeply');
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof MpFloat) return value.value;
  if (value instanceof MpList || value instanceof MpTuple) return value.items.map(item => toHost(life, item, depth + 1));
  if (value instanceof MpDict)
    return new Map([...value.map.entries()].map(([key, item]) => [toHost(life, key, depth + 1), toHost(life, item, depth + 1)]));
  const own = ownObject(life, value);
  if (own !== undefined) return own as HostValue;
  const buffer = bufferMaybe(value, BufferFlag.Read);
  if (buffer !== undefined) return buffer.bytes.slice();
  return isCallable(value) ? functionHandle(life, value) : objectHandle(value);
}

function ownObject(life: ModuleLife, value: Value, type?: string): object | undefined {
  const native = value instanceof MpInstance ? value.subobj : value;
  if (!(native instanceof GuestModuleObject) || native.life !== life) return undefined;
  return type === undefined || native.type === life.classes.get(type) ? native.state : undefined;
}

function objectHandle(value: Value): GuestObject {
  const handle = Object.freeze({ type: typeName(value) });
  behind.set(handle, value);
  return handle;
}

function functionHandle(life: ModuleLife, value: Value): GuestFunction {
  const handle: GuestFunction = Object.freeze({
    call: (...args: readonly HostValue[]) => {
      life.notInEvent('a guest function was called');
      return life.reach(() =>
        toHost(
          life,
          call(
            value,
            args.map(arg => fromHost(life, 'an argument of a guest function', arg)),
          ),
        ),
      );
    },
    schedule: (argument: HostValue) =>
      life.reach(() => life.inMachine(() => scheduleCall(value, fromHost(life, 'an argument of a guest function', argument)))),
    keep: () => {
      life.kept.set(value, (life.kept.get(value) ?? 0) + 1);
      return handle;
    },
    release: () => {
      const times = life.kept.get(value) ?? 0;
      if (times > 1) life.kept.set(value, times - 1);
      else life.kept.delete(value);
    },
  });
  behind.set(handle, value);
  return handle;
}

const PYTHON_NAMES: Readonly<Record<string, string>> = { bigint: 'int', bytes: 'an object with bytes', callable: 'callable' };

/** An argument as its parameter wants it. Raises TypeError, ValueError or OverflowError that names it. */
export function argumentToHost(life: ModuleLife, name: string, parameter: Parameter, value: Value): HostValue | object {
  const { type } = parameter;
  if (value === null && (parameter.orNone === true || parameter.default === null)) return null;
  const wrong = (): never =>
    raiseTypeError(
      `argument '${name}' must be ${type.startsWith('object:') ? type.slice(7) : (PYTHON_NAMES[type] ?? type)}, not ${typeName(value)}`,
    );
  switch (type) {
    case 'any':
      return toHost(life, value);
    case 'bool':
      return typeof value === 'boolean' ? value : wrong();
    case 'int':
    case 'bigint': {
      const int = typeof value === 'boolean' ? Number(value) : isInt(value) ? value : wrong();
      inRange(name, parameter, int);
      if (type === 'bigint') return BigInt(int);
      return typeof int === 'number' ? int : raiseValueError(`argument '${name}' is too large`);
    }
    case 'float': {
      const number = value instanceof MpFloat ? value.value : typeof value === 'boolean' || isInt(value) ? Number(value) : wrong();
      inRange(name, parameter, number);
      return number;
    }
    case 'str':
      return typeof value === 'string' ? value : wrong();
    case 'bytes': {
      const buffer = typeof value === 'string' ? undefined : bufferMaybe(value, BufferFlag.Read);
      return buffer === undefined ? wrong() : buffer.bytes.slice();
    }
    case 'list':
      return value instanceof MpList ? toHost(life, value) : wrong();
    case 'tuple':
      return value instanceof MpTuple ? toHost(life, value) : wrong();
    case 'dict':
      return value instanceof MpDict ? toHost(life, value) : wrong();
    case 'callable':
      return isCallable(value) ? functionHandle(life, value) : wrong();
    default:
      return ownObject(life, value, type.slice('object:'.length)) ?? wrong();
  }
}

function inRange(name: string, { min, max }: Parameter, value: number | bigint): void {
  if (min !== undefined && value < min) raiseValueError(`argument '${name}' must be at least ${min}`);
  if (max !== undefined && value > max) raiseValueError(`argument '${name}' must be at most ${max}`);
}

/** What the module gave, as the guest's. @throws ModuleFailure for what has no counterpart there, or is not what was promised */
export function fromHost(life: ModuleLife, where: string, value: unknown, type: ReturnType = 'auto', depth = 0): Value {
  const broken = (what: string): never => {
    throw new ModuleFailure(life.definition.name, where, what);
  };
  if (depth > MAX_DEPTH) broken('a value is nested too deeply');
  if (type.startsWith('object:')) {
    if (typeof value !== 'object' || value === null) broken(`it should give an object of its class ${type.slice(7)}, not ${shown(value)}`);
    return wrapObject(life, type.slice(7), value as object);
  }
  const promised = (kind: string): boolean => type === 'auto' || type === kind;
  const mismatch = () => broken(`it promises ${type}, and gave ${shown(value)}`);
  if (type === 'none') return null;
  if (value === undefined || value === null) return null;
  switch (typeof value) {
    case 'boolean':
      return promised('bool') ? value : mismatch();
    case 'bigint':
      return promised('int') ? newInt(value) : mismatch();
    case 'number':
      if (type === 'float' || (type === 'auto' && !Number.isSafeInteger(value))) return newFloat(value);
      return promised('int') && Number.isSafeInteger(value) ? (Object.is(value, -0) ? 0 : newInt(value)) : mismatch();
    case 'string':
      return promised('str') ? value : mismatch();
    case 'object':
      break;
    default:
      return broken(`it gave ${shown(value)}, which Python has not`);
  }
  const object = value as object;
  const item = (inner: unknown) => fromHost(life, where, inner, 'auto', depth + 1);
  if (markOf(object) === 'float') return promised('float') ? newFloat((object as PyFloat).value) : mismatch();
  if (markOf(object) === 'tuple') return promised('tuple') ? newTuple((object as PyTuple).items.map(item)) : mismatch();
  const known = behind.get(object) ?? life.objects.get(object);
  if (known !== undefined) return type === 'auto' ? known : mismatch();
  if (object instanceof Uint8Array) {
    if (type === 'bytearray') return makeBytearray([newBytes(object.slice())], null);
    return promised('bytes') ? newBytes(object.slice()) : mismatch();
  }
  if (Array.isArray(object)) {
    const items = object.map(item);
    if (type === 'tuple') return items.length === 0 ? emptyTuple : newTuple(items);
    return promised('list') ? newList(items) : mismatch();
  }
  if (object instanceof Map && promised('dict')) {
    const dict = newDict();
    for (const [key, inner] of object) dictStore(dict, item(key), item(inner));
    return dict;
  }
  return mismatch();
}

/** The guest's object for an object of the module: always the same for the same. */
export function wrapObject(life: ModuleLife, name: string, state: object): Value {
  let wrapped = life.objects.get(state);
  if (wrapped === undefined) {
    wrapped = new GuestModuleObject(life.classes.get(name)!, life, state);
    life.objects.set(state, wrapped);
  }
  return wrapped;
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return `an object of class ${value.constructor?.name ?? 'Object'}`;
  return typeof value === 'function' || typeof value === 'symbol' ? `a ${typeof value}` : `${typeof value} ${String(value)}`;
}

/** The exception that a module raises. @throws ModuleFailure when there is no such exception */
export function exceptionFromHost(life: ModuleLife, where: string, error: GuestError): Value {
  const type = life.exceptionType(error.type);
  if (type === undefined)
    throw new ModuleFailure(life.definition.name, where, `it raised "${error.type}", which is no exception of Python or of its own`);
  return newException(
    type,
    error.args.map(arg => fromHost(life, where, arg)),
  );
}

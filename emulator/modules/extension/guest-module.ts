/** A project's module as the board has it built in: functions, classes, constants and exceptions from its definition. */
import { type ArgSpec, funKw, parseArgs } from '../../objects/function.ts';
import { formatAddress } from '../../objects/identity.ts';
import { spend } from '../../vm/service.ts';
import { type Locals, MpType, TypeFlag } from '../../vm/type.ts';
import { type KwArgs, type MethodRef, type Printer, UnaryOp, type Value } from '../../vm/value.ts';
import type { ModuleDef } from '../module-def.ts';
import { argumentToHost, fromHost } from './convert.ts';
import { parameterOf } from './define-module.ts';
import type { AttributeDefinition, ClassDefinition, MethodDefinition, ModuleDefinition, Parameters, ReturnType } from './definition.ts';
import { lifeOf, type ModuleLife } from './life.ts';
import { ModuleFailure } from './module-failure.ts';
import type { GuestModuleObject } from './module-object.ts';

/** What the module registry wants to know. */
export function guestModule(definition: ModuleDefinition): ModuleDef {
  return {
    name: definition.name,
    extensible: definition.extensible ?? false,
    names: () => namesOf(lifeOf(definition)),
  };
}

function namesOf(life: ModuleLife): Locals {
  const { constants = {}, functions = {}, classes = {}, exceptions = {} } = life.definition;
  const names: [string, Value][] = [];
  for (const [name, base] of Object.entries(exceptions)) {
    const type = exceptionType(life, name, base);
    life.exceptions.set(name, type);
    names.push([name, type]);
  }
  for (const [name, definition] of Object.entries(classes)) {
    const type = classType(life, name, definition);
    life.classes.set(name, type);
    names.push([name, type]);
  }
  for (const [name, value] of Object.entries(constants)) names.push([name, fromHost(life, `constant ${name}`, value)]);
  for (const [name, fun] of Object.entries(functions)) {
    const { returns, cost, parameters } = fun;
    const read = argumentReader(life, parameters);
    names.push([
      name,
      funKw(0, (args, kw) => {
        const given = read(args, kw);
        return perform(life, { where: `${name}()`, cost, returns }, given, () => fun.call(given as never, life));
      }),
    ]);
  }
  return names;
}

interface Performed {
  readonly where: string;
  readonly cost?: MethodDefinition['cost'];
  readonly returns?: ReturnType;
}

/** A call of the module: its cost passes, it acts, and what it gives is the guest's. */
function perform(life: ModuleLife, { where, cost, returns }: Performed, given: object, code: () => unknown): Value {
  if (cost !== undefined) {
    const ns = typeof cost === 'number' ? cost : life.run(`the cost of ${where}`, () => cost(given as never));
    life.run(`the cost of ${where}`, () => life.spend(ns));
  }
  return fromHost(life, where, life.run(where, code), returns);
}

/** Reads a call's arguments into an object without a prototype whose fields are the declared parameters, and no others. */
function argumentReader(life: ModuleLife, parameters: Parameters = {}): (args: readonly Value[], kw: KwArgs) => Record<string, unknown> {
  const entries = Object.entries(parameters).map(([name, given]) => ({ name, parameter: parameterOf(given) }));
  const spec: ArgSpec[] = entries.map(({ name, parameter }) => ({
    name,
    required: parameter.default === undefined,
    kwOnly: parameter.keywordOnly,
  }));
  return (args, kw) => {
    const values = parseArgs(spec, args, kw);
    const given = Object.create(null) as Record<string, unknown>;
    entries.forEach(({ name, parameter }, index) => {
      const value = values[index];
      given[name] = value === undefined ? parameter.default : argumentToHost(life, name, parameter, value);
    });
    return given;
  };
}

function exceptionType(life: ModuleLife, name: string, base: string): MpType {
  const parent = life.exceptionType(base);
  if (parent === undefined)
    throw new ModuleFailure(life.definition.name, `exception ${name}`, `there is no exception "${base}" that it could derive from`);
  const { makeNew, print, loadAttr, storeAttr } = parent;
  return new MpType(name, { makeNew, print, loadAttr, storeAttr, flags: TypeFlag.NativeException, parent });
}

function classType(life: ModuleLife, name: string, definition: ClassDefinition): MpType {
  const { methods = {}, attributes = {}, constants = {}, repr } = definition;
  const byName = new Map(Object.entries(attributes));
  const readConstructor = argumentReader(life, definition.parameters);
  const callers = new Map(Object.entries(methods).map(([method, fun]) => [method, methodCaller(life, name, method, fun)]));
  const special = (method: string) => callers.get(method);
  const length = special('__len__');
  const getItem = special('__getitem__');
  const setItem = special('__setitem__');
  const called = special('__call__');
  const type: MpType = new MpType(name, {
    makeNew(_type, args, kw) {
      const given = readConstructor(args, kw);
      if (definition.cost !== undefined) spend(definition.cost);
      const state = life.run(`${name}()`, () => definition.create(given, life));
      return fromHost(life, `${name}()`, state, `object:${name}`);
    },
    print(out: Printer, self: GuestModuleObject) {
      out.write(
        repr === undefined ? `<${name} object at ${formatAddress(self)}>` : String(life.run(`${name}.repr`, () => repr(self.state))),
      );
    },
    call: called && ((self: GuestModuleObject, args, kw) => called([self, ...args], kw)),
    unaryOp:
      length &&
      ((op: UnaryOp, self: GuestModuleObject) => {
        if (op !== UnaryOp.Len && op !== UnaryOp.Bool) return undefined;
        const n = length([self], null);
        return op === UnaryOp.Len ? n : n !== 0;
      }),
    getItem: getItem && ((self: GuestModuleObject, index: Value) => getItem([self, index], null)),
    setItem:
      setItem && ((self: GuestModuleObject, index: Value, value) => value !== undefined && (setItem([self, index, value], null), true)),
    loadAttr(self: GuestModuleObject, attribute: string, dest: MethodRef) {
      const found = byName.get(attribute);
      if (found === undefined) return false;
      dest.member = readAttribute(life, `${name}.${attribute}`, found, self);
      dest.self = undefined;
      return true;
    },
    storeAttr(self: GuestModuleObject, attribute: string, value) {
      const found = byName.get(attribute);
      if (found?.set === undefined || value === undefined) return false;
      const given = argumentToHost(life, attribute, { type: found.type ?? 'any' }, value);
      life.run(`${name}.${attribute}`, () => found.set!(self.state, given, life));
      return true;
    },
    locals: () => [
      ...Object.entries(constants).map(([constant, value]) => [constant, fromHost(life, `constant ${name}.${constant}`, value)] as const),
      ...[...callers].map(([method, caller]) => [method, funKw(1, caller)] as const),
    ],
  });
  return type;
}

function readAttribute(life: ModuleLife, where: string, attribute: AttributeDefinition, self: GuestModuleObject): Value {
  const { type } = attribute;
  const promised = type === undefined || type === 'any' ? 'auto' : type === 'bigint' ? 'int' : type;
  return fromHost(
    life,
    where,
    life.run(where, () => attribute.get(self.state, life)),
    promised as ReturnType,
  );
}

/** A method as the guest calls it: self comes first, and may be an object of a class derived in Python. */
function methodCaller(
  life: ModuleLife,
  type: string,
  method: string,
  fun: MethodDefinition,
): (args: readonly Value[], kw: KwArgs) => Value {
  const read = argumentReader(life, fun.parameters);
  const where = `${type}.${method}()`;
  const self = { type: `object:${type}` } as const;
  return (args, kw) => {
    const [first, ...rest] = args;
    const state = argumentToHost(life, 'self', self, first);
    const given = read(rest, kw);
    return perform(life, { where, cost: fun.cost, returns: fun.returns }, given, () => fun.call(state, given, life));
  };
}

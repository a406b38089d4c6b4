/** sys (py/modsys.c). */
import { newAttrTuple } from '../objects/attrtuple.ts';
import type { MpDict } from '../objects/dict.ts';
import { excTypes, printException } from '../objects/exception.ts';
import { fun0, fun1, funVar } from '../objects/function.ts';
import type { MpList } from '../objects/list.ts';
import type { ModuleDelegate } from '../objects/module.ts';
import { stdio } from '../objects/stdio.ts';
import { StreamPrinter } from '../objects/stream.ts';
import { MpTuple, newTuple } from '../objects/tuple.ts';
import { call0, isCallable } from '../vm/call.ts';
import { unaryOp } from '../vm/operators.ts';
import { stdout } from '../vm/printing.ts';
import { raise } from '../vm/raise.ts';
import type { Locals } from '../vm/type.ts';
import { typeOf } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { UnaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { ModuleDef } from './module-def.ts';

/** The version that all profiles here have. */
const VERSION = [1, 27, 0, ''] as const;

interface SysState {
  /** Attributes that the guest can set; absent after `del`. */
  readonly mutable: Map<string, Value>;
  exitFunction: Value;
}

/** By the dict of loaded modules, which is a new one after every reset. */
const states = new WeakMap<MpDict, SysState>();

function state(): SysState {
  let found = states.get(vm.loadedModules);
  if (found === undefined) {
    const made: SysState = {
      mutable: new Map<string, Value>([
        ['ps1', '>>> '],
        ['ps2', '... '],
      ]),
      exitFunction: null,
    };
    vm.roots.add(() => [...made.mutable.values(), made.exitFunction]);
    states.set(vm.loadedModules, made);
    found = made;
  }
  return found;
}

/** What the REPL prints before a line: `sys.ps1` or `sys.ps2`. */
export function sysPrompt(which: 'ps1' | 'ps2'): Value {
  return state().mutable.get(which) ?? '';
}

/** Calls what was given to sys.atexit(), if anything. */
export function runExitFunction(): void {
  const { exitFunction } = state();
  if (exitFunction !== null && isCallable(exitFunction)) call0(exitFunction);
}

const attributes: ModuleDelegate = {
  load: name => (name === 'path' ? vm.sysPath : state().mutable.get(name)),
  store(name, value): boolean {
    if (name === 'path') vm.sysPath = (value ?? null) as MpList;
    else if (name !== 'ps1' && name !== 'ps2') return false;
    else if (value === undefined) state().mutable.delete(name);
    else state().mutable.set(name, value);
    return true;
  },
};

function implementation(): Value {
  const { profile } = vm;
  const entries: [string, Value][] = [
    ['name', 'micropython'],
    ['version', new MpTuple([...VERSION])],
    ['_machine', profile.machine],
    ['_mpy', profile.mpy],
  ];
  if (profile.build !== null) entries.push(['_build', profile.build]);
  if (profile.threadKind !== undefined) entries.push(['_thread', profile.threadKind]);
  return newAttrTuple(
    entries.map(([name]) => name),
    entries.map(([, value]) => value),
  );
}

function exceptionInfo(): Value {
  const exception = vm.currentException;
  return newTuple(exception === null ? [null, null, null] : [typeOf(exception), exception, null]);
}

function names(): Locals {
  const { profile } = vm;
  const entries: [string, Value][] = [
    ['argv', vm.sysArgv],
    ['version', `3.4.0; MicroPython v${VERSION.slice(0, 3).join('.')} on ${profile.buildDate}`],
    ['version_info', new MpTuple([3, 4, 0])],
    ['implementation', implementation()],
    ['platform', profile.platform],
    ['byteorder', profile.byteorder],
    ['maxsize', profile.wordSize === 4 ? 0x7fffffff : 0x7fffffffffffffffn],
    ['exit', funVar(0, 1, args => raise(excTypes.SystemExit, ...args))],
    ['stdin', stdio().stdin],
    ['stdout', stdio().stdout],
    ['stderr', stdio().stderr],
    ['modules', vm.loadedModules],
  ];
  if (vm.feature('sysExcInfo')) entries.push(['exc_info', fun0(exceptionInfo)]);
  if (vm.feature('sysGetsizeof')) entries.push(['getsizeof', fun1(value => unaryOp(UnaryOp.Sizeof, value))]);
  if (vm.feature('sysExecutable')) entries.push(['executable', vm.executable]);
  entries.push([
    'print_exception',
    funVar(1, 2, args => {
      printException(args.length > 1 ? new StreamPrinter(args[1]) : stdout, args[0]);
      return null;
    }),
  ]);
  if (vm.feature('sysAtexit')) {
    entries.push([
      'atexit',
      fun1(callback => {
        const previous = state().exitFunction;
        state().exitFunction = callback;
        return previous;
      }),
    ]);
  }
  return entries;
}

export const sysModule: ModuleDef = {
  name: 'sys',
  extensible: false,
  names,
  setUp: module => {
    module.delegate = attributes;
  },
};

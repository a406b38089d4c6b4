/** Exceptions (py/objexcept.c): the tree of built-in types, instances, and their tracebacks. */

import { printValue } from '../vm/printing.ts';
import { Raise } from '../vm/raise.ts';
import { isSubclass, MpType, TypeFlag, typeOf } from '../vm/type.ts';
import type { KwArgs, MethodRef, Printer, Value } from '../vm/value.ts';
import { MpObj, PrintKind } from '../vm/value.ts';
import { vm, vmHooks } from '../vm/vm.ts';
import { errnoName } from './errno-names.ts';
import { checkArgCount } from './function.ts';
import type { MpInstance } from './instance.ts';
import { emptyTuple, MpTuple, printTuple } from './tuple.ts';

export interface TracebackEntry {
  readonly file: string;
  readonly line: number;
  /** Name of the function or `<module>`; null when it is unknown. */
  readonly block: string | null;
}

/** An instance of a built-in exception type. An instance of a class derived in Python holds one of these. */
export class MpException extends MpObj {
  args: MpTuple;
  /** Innermost entry first. */
  traceback: TracebackEntry[] = [];
  /** Entries for which there is memory: it is kept when the guest sets `__traceback__` to None. */
  tracebackRoom = 0;

  constructor(type: MpType, args: readonly Value[]) {
    super(type);
    this.args = args.length === 0 ? emptyTuple : new MpTuple(args.slice());
  }
}

/** Words of the emergency buffer that are kept for the traceback: two entries. */
const EMERGENCY_TRACEBACK_WORDS = 6;
/** Size of the emergency buffer where it is not the guest's to set. */
const EMERGENCY_BYTES = 256;

/** Words of a traceback's entry: file, line, block. */
const ENTRY_WORDS = 3;

/** Words that the emergency buffer has behind the traceback's: memory for exceptions while the heap is locked or full. */
function emergencyWords(): number {
  if (!vm.feature('emergencyExceptionBuffer')) return 0;
  const bytes = vm.feature('allocEmergencyExceptionBuffer') ? vm.emergencyBuffer : EMERGENCY_BYTES;
  return Math.floor(bytes / vm.wordSize) - EMERGENCY_TRACEBACK_WORDS;
}

/** Makes an exception. Never raises MemoryError: where memory lacks it loses its arguments, as the reference's does. */
export function newException(type: MpType, args: readonly Value[]): MpException {
  const { heap, wordSize } = vm;
  heap.tryAlloc(4 * wordSize);
  const words = 2 + args.length;
  if (args.length > 0 && !heap.tryAlloc(words * wordSize) && words > emergencyWords()) args = [];
  return new MpException(type, args);
}

/** Makes an exception with a message of the interpreter's own. Where memory lacks the message is cut short, or lost. */
export function newMessageException(type: MpType, message: string): MpException {
  const { heap, wordSize } = vm;
  if (!heap.tryAlloc(4 * wordSize)) {
    // Behind the traceback: the tuple of one argument, the string object, its text.
    const room = emergencyWords() - 3 - 4;
    if (room < 0) return newException(type, []);
    message = message.slice(0, Math.max(0, room * wordSize - 1));
  }
  return newException(type, [message]);
}

function makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
  checkArgCount(args.length, kw, 0, Infinity, false);
  return newException(type, args);
}

function print(out: Printer, self: MpException, kind: PrintKind): void {
  const plain = kind & ~PrintKind.ExcSubclass;
  if (plain === kind && (plain === PrintKind.Repr || plain === PrintKind.Exc)) out.write(self.type.name);
  if (plain === PrintKind.Exc) out.write(': ');
  if (plain === PrintKind.Str || plain === PrintKind.Exc) {
    const { items } = self.args;
    if (items.length === 0) return;
    if (isSubclass(self.type, excTypes.OSError) && self.type === excTypes.OSError && items.length < 3 && typeof items[0] === 'number') {
      const name = errnoName(items[0]);
      if (name !== undefined) {
        out.write(`[Errno ${items[0]}] ${name}`);
        if (items.length > 1) {
          out.write(': ');
          printValue(out, items[1], PrintKind.Str);
        }
        return;
      }
    }
    if (items.length === 1) {
      printValue(out, items[0], PrintKind.Str);
      return;
    }
  }
  printTuple(out, self.args, kind);
}

function loadAttr(self: MpException, name: string, dest: MethodRef): boolean {
  if (name === 'args') dest.member = self.args;
  else if (name === 'value' || name === 'errno') dest.member = self.args.items.length === 0 ? null : self.args.items[0];
  else return false;
  return true;
}

function storeAttr(self: MpException, name: string, value: Value | undefined): boolean {
  if (name !== '__traceback__' || value !== null) return false;
  self.traceback.length = 0;
  return true;
}

const slots = { makeNew, print, loadAttr, storeAttr, flags: TypeFlag.NativeException };
const base = new MpType('BaseException', slots);
const derive = (name: string, parent: MpType) => new MpType(name, { ...slots, parent });
const exception = derive('Exception', base);
const arithmetic = derive('ArithmeticError', exception);
const lookup = derive('LookupError', exception);
const runtime = derive('RuntimeError', exception);
const syntax = derive('SyntaxError', exception);
const typeError = derive('TypeError', exception);
const valueError = derive('ValueError', exception);

/** Every built-in exception type, by name. */
export const excTypes = {
  BaseException: base,
  SystemExit: derive('SystemExit', base),
  KeyboardInterrupt: derive('KeyboardInterrupt', base),
  GeneratorExit: derive('GeneratorExit', base),
  Exception: exception,
  StopAsyncIteration: derive('StopAsyncIteration', exception),
  StopIteration: derive('StopIteration', exception),
  ArithmeticError: arithmetic,
  OverflowError: derive('OverflowError', arithmetic),
  ZeroDivisionError: derive('ZeroDivisionError', arithmetic),
  AssertionError: derive('AssertionError', exception),
  AttributeError: derive('AttributeError', exception),
  EOFError: derive('EOFError', exception),
  ImportError: derive('ImportError', exception),
  LookupError: lookup,
  IndexError: derive('IndexError', lookup),
  KeyError: derive('KeyError', lookup),
  MemoryError: derive('MemoryError', exception),
  NameError: derive('NameError', exception),
  OSError: derive('OSError', exception),
  RuntimeError: runtime,
  NotImplementedError: derive('NotImplementedError', runtime),
  SyntaxError: syntax,
  IndentationError: derive('IndentationError', syntax),
  TypeError: typeError,
  ViperTypeError: derive('ViperTypeError', typeError),
  ValueError: valueError,
  UnicodeError: derive('UnicodeError', valueError),
};

/** Is `value` an exception type (built in, or derived in Python)? */
export function isExceptionType(value: Value): value is MpType {
  return value instanceof MpType && isSubclass(value, base);
}

export function isExceptionInstance(value: Value): boolean {
  return isSubclass(typeOf(value), base);
}

/** The built-in part of an exception: itself, or what the instance of a Python class holds. */
export function nativeException(value: Value): MpException {
  if (value instanceof MpException) return value;
  const inner = (value as MpInstance).subobj;
  if (inner instanceof MpException) return inner;
  // A class whose __init__ never called super().__init__(): the reference reads a wild object here.
  const made = newException(base, []);
  (value as MpInstance).subobj = made;
  return made;
}

/** Does `exc` (type or instance) match `type` in an except clause? */
export function exceptionMatches(exc: Value, type: MpType): boolean {
  const t = exc instanceof MpType ? exc : typeOf(exc);
  return isSubclass(t, type);
}

/** First argument, or None: the value of a StopIteration. */
export function exceptionValue(exc: Value): Value {
  const { items } = nativeException(exc).args;
  return items.length === 0 ? null : items[0];
}

/** The GeneratorExit that close() throws: one object for all, without a traceback. */
export const generatorExit = new MpException(excTypes.GeneratorExit, []);

/** Makes room for one more entry; false where there is no memory for it. */
function growTraceback(exception: MpException): boolean {
  const bytes = ENTRY_WORDS * vm.wordSize;
  if (vm.heap.tryRealloc(exception.tracebackRoom * bytes, (exception.tracebackRoom + 1) * bytes)) exception.tracebackRoom++;
  else if (exception.tracebackRoom === 0 && emergencyWords() >= 0) exception.tracebackRoom = EMERGENCY_TRACEBACK_WORDS / ENTRY_WORDS;
  else return false;
  return true;
}

export function addTraceback(exc: Value, file: string, line: number, block: string | null): void {
  if (exc === generatorExit) return;
  const native = nativeException(exc);
  if (native.traceback.length === native.tracebackRoom && !growTraceback(native)) return;
  native.traceback.push({ file, line, block });
}

/** Prints an exception with its traceback, as an uncaught one is shown. */
export function printException(out: Printer, exc: Value): void {
  if (isExceptionInstance(exc)) {
    const { traceback } = nativeException(exc);
    if (traceback.length > 0) {
      out.write('Traceback (most recent call last):\n');
      for (let i = traceback.length - 1; i >= 0; i--) {
        const { file, line, block } = traceback[i];
        out.write(`  File "${file}", line ${line}${block === null ? '' : `, in ${block}`}\n`);
      }
    }
  }
  printValue(out, exc, PrintKind.Exc);
  out.write('\n');
}

vmHooks.memoryError = (bytes, locked) => {
  // What is too large for a word of the device has wrapped around on its way to the allocator.
  const asked = BigInt.asUintN(vm.wordSize * 8, BigInt(bytes));
  const message = locked ? 'memory allocation failed, heap is locked' : `memory allocation failed, allocating ${asked} bytes`;
  throw new Raise(newMessageException(excTypes.MemoryError, message));
};

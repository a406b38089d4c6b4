/** Built-in functions that run code: compile, eval, exec, execfile, `__build_class__`, `__import__` (py/builtinevex.c, py/modbuiltins.c). */
import { bufferOf } from '../../objects/buffer.ts';
import { MpBytes } from '../../objects/bytes.ts';
import type { MpCell } from '../../objects/cell.ts';
import { dictType, MpDict, newDict } from '../../objects/dict.ts';
import { funVar } from '../../objects/function.ts';
import { nameArgument } from '../../objects/name-argument.ts';
import { raiseImplicitConversion } from '../../objects/text-data.ts';
import { newTuple } from '../../objects/tuple.ts';
import { typeType } from '../../objects/type-object.ts';
import { call, call0 } from '../../vm/call.ts';
import type { ModuleCode } from '../../vm/code.ts';
import { compileSource, executeModuleCode, type InputKind } from '../../vm/execute.ts';
import { builtinImport } from '../../vm/import.ts';
import { raiseTypeError, raiseValueError } from '../../vm/raise.ts';
import { BufferFlag, MpType, typeOf } from '../../vm/type.ts';
import type { Value } from '../../vm/value.ts';
import { MpObj } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { readImportedFile } from '../vfs/import-files.ts';

export function executionFunctions(): [string, Value][] {
  const functions: [string, Value][] = [
    ['__build_class__', funVar(2, Infinity, buildClass)],
    ['__import__', funVar(1, 5, builtinImport)],
  ];
  if (vm.feature('compiler')) {
    functions.push(
      ['compile', funVar(3, 6, compile)],
      ['eval', funVar(1, 3, args => evaluate(args, 'eval'))],
      ['exec', funVar(1, 3, args => evaluate(args, 'file'))],
      ['execfile', funVar(1, 3, executeFile)],
    );
  }
  return functions;
}

const codeType = new MpType('code', {});

/** What compile() gives. */
export class MpCode extends MpObj {
  constructor(readonly code: ModuleCode) {
    super(codeType);
  }
}

/** Makes a class: runs its body in a new namespace, then calls the metaclass. After an exception in the body the namespace stays, as in the reference. */
function buildClass(args: readonly Value[]): Value {
  const outer = vm.locals;
  const namespace = newDict();
  vm.locals = namespace;
  const cell = call0(args[0]);
  vm.locals = outer;
  const metaclass = args.length === 2 ? typeType : typeOf(args[2]);
  const made = call(metaclass, [args[1], newTuple(args.slice(2)), namespace]);
  if (cell !== null) (cell as MpCell).value = made;
  return made;
}

function compile(args: readonly Value[]): Value {
  const [source] = args;
  let text: string | Uint8Array;
  if (typeof source === 'string') text = source;
  else if (source instanceof MpBytes) text = source.data;
  else raiseImplicitConversion(source);
  const fileName = nameArgument(args[1]);
  const kinds: Record<string, InputKind> = { single: 'single', exec: 'file', eval: 'eval' };
  const mode = nameArgument(args[2]);
  if (!Object.hasOwn(kinds, mode)) raiseValueError('bad compile mode');
  vm.heap.alloc(2 * vm.wordSize);
  return new MpCode(compileSource(text, fileName, kinds[mode]));
}

/** The namespaces that exec and eval were given, or those of the caller. */
function namespaces(args: readonly Value[]): [MpDict, MpDict] {
  let globals = vm.currentGlobals();
  let { locals } = vm;
  for (let i = 1; i < args.length; i++) {
    const given = args[i];
    if (given === null) continue;
    if (!(given instanceof MpDict) || given.type !== dictType) raiseTypeError();
    locals = given;
    if (i === 1) globals = given;
  }
  return [globals, locals];
}

function evaluate(args: readonly Value[], kind: InputKind): Value {
  const [globals, locals] = namespaces(args);
  const [source] = args;
  if (source instanceof MpCode) return executeModuleCode(source.code, globals, locals);
  const text = typeof source === 'string' ? source : bufferOf(source, BufferFlag.Read).bytes;
  return executeModuleCode(compileSource(text, '<string>', kind), globals, locals);
}

function executeFile(args: readonly Value[]): Value {
  const [globals, locals] = namespaces(args);
  if (args[0] instanceof MpCode) return executeModuleCode(args[0].code, globals, locals);
  const path = nameArgument(args[0]);
  return executeModuleCode(compileSource(readImportedFile(path), path, 'file'), globals, locals);
}

/** The module `builtins`: every name that needs no import, in the reference's order (py/modbuiltins.c). */
import { boolType } from '../objects/bool.ts';
import { bytearrayType } from '../objects/bytearray.ts';
import { bytesType } from '../objects/bytes.ts';
import { complexType } from '../objects/complex.ts';
import { dictType } from '../objects/dict.ts';
import { enumerateType } from '../objects/enumerate.ts';
import { excTypes } from '../objects/exception.ts';
import { filterType } from '../objects/filter.ts';
import { floatType } from '../objects/float.ts';
import { intType } from '../objects/int.ts';
import { listType } from '../objects/list.ts';
import { MpMap } from '../objects/map.ts';
import { mapType } from '../objects/map-iterator.ts';
import { memoryviewType } from '../objects/memoryview.ts';
import { nextBuiltin } from '../objects/next-builtin.ts';
import '../objects/none.ts';
import { objectType } from '../objects/object.ts';
import { propertyType } from '../objects/property.ts';
import { rangeType } from '../objects/range.ts';
import { reversedType } from '../objects/reversed.ts';
import { frozensetType, setType } from '../objects/set.ts';
import { ellipsis, notImplemented } from '../objects/singletons.ts';
import { sliceType } from '../objects/slice.ts';
import { classmethodType, staticmethodType } from '../objects/static-class-method.ts';
import { strType } from '../objects/str.ts';
import { tupleType } from '../objects/tuple.ts';
import { superType, typeType } from '../objects/type-object.ts';
import { zipType } from '../objects/zip.ts';
import type { Profile } from '../vm/profile.ts';
import type { Locals } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { attributeFunctions } from './builtins/attributes.ts';
import { executionFunctions } from './builtins/execution.ts';
import { helpFunction } from './builtins/help.ts';
import { iterationFunctions } from './builtins/iteration.ts';
import { numberFunctions } from './builtins/numbers.ts';
import { textFunctions } from './builtins/text.ts';
import { ioModule } from './io.ts';
import type { ModuleDef } from './module-def.ts';

const TYPES = (): [string, Value | false][] => {
  const floats = vm.profile.float !== 'none';
  return [
    ['bool', boolType],
    ['bytes', bytesType],
    ['bytearray', bytearrayType],
    ['complex', floats && complexType],
    ['dict', dictType],
    ['enumerate', enumerateType],
    ['filter', filterType],
    ['float', floats && floatType],
    ['frozenset', frozensetType],
    ['int', intType],
    ['list', listType],
    ['map', mapType],
    ['memoryview', memoryviewType],
    ['object', objectType],
    ['property', propertyType],
    ['range', rangeType],
    ['reversed', reversedType],
    ['set', setType],
    ['slice', sliceType],
    ['str', strType],
    ['super', superType],
    ['tuple', tupleType],
    ['type', typeType],
    ['zip', zipType],
    ['classmethod', classmethodType],
    ['staticmethod', staticmethodType],
    ['Ellipsis', ellipsis],
    ['NotImplemented', notImplemented],
  ];
};

/** Functions, in the table's order. Those that the build leaves out are not found where they are made. */
const FUNCTIONS = [
  'abs',
  'all',
  'any',
  'bin',
  'callable',
  'compile',
  'chr',
  'delattr',
  'dir',
  'divmod',
  'eval',
  'exec',
  'execfile',
  'getattr',
  'setattr',
  'globals',
  'hasattr',
  'hash',
  'help',
  'hex',
  'id',
  'input',
  'isinstance',
  'issubclass',
  'iter',
  'len',
  'locals',
  'max',
  'min',
  'next',
  'oct',
  'open',
  'ord',
  'pow',
  'print',
  'repr',
  'round',
  'sorted',
  'sum',
];

const EXCEPTIONS = [
  'BaseException',
  'ArithmeticError',
  'AssertionError',
  'AttributeError',
  'EOFError',
  'Exception',
  'GeneratorExit',
  'ImportError',
  'IndentationError',
  'IndexError',
  'KeyboardInterrupt',
  'KeyError',
  'LookupError',
  'MemoryError',
  'NameError',
  'NotImplementedError',
  'OSError',
  'OverflowError',
  'RuntimeError',
  'StopAsyncIteration',
  'StopIteration',
  'SyntaxError',
  'SystemExit',
  'TypeError',
  'UnicodeError',
  'ValueError',
  'ViperTypeError',
  'ZeroDivisionError',
] as const;

function makeNames(): [string, Value][] {
  const functions = new Map<string, Value>([
    ...attributeFunctions(),
    ...executionFunctions(),
    ...iterationFunctions(),
    ...numberFunctions(),
    ...textFunctions(),
    ['help', helpFunction()],
    ['next', nextBuiltin()],
    ...(ioModule.names().filter(([name]) => name === 'open') as [string, Value][]),
  ]);
  const names: [string, Value][] = [];
  for (const name of ['__build_class__', '__import__', '__repl_print__']) names.push([name, functions.get(name)!]);
  for (const [name, type] of TYPES()) if (type !== false) names.push([name, type]);
  for (const name of FUNCTIONS) {
    const fun = functions.get(name);
    if (fun !== undefined) names.push([name, fun]);
  }
  for (const name of EXCEPTIONS) {
    if (name === 'ViperTypeError' && !vm.feature('nativeEmitter')) continue;
    names.push([name, excTypes[name]]);
  }
  return names;
}

/** The functions keep no state, so that machines with the same profile share them. */
const maps = new Map<Profile, MpMap>();
let lastProfile: Profile | undefined;
let lastMap: MpMap;

/** The names of `builtins`, without what the guest has put over them (`vm.builtinsOverride`). */
export function builtinsMap(): MpMap {
  const { profile } = vm;
  if (profile === lastProfile) return lastMap;
  let map = maps.get(profile);
  if (map === undefined) {
    map = MpMap.fixedFrom([['__name__', 'builtins'], ...makeNames()]);
    maps.set(profile, map);
  }
  lastProfile = profile;
  lastMap = map;
  return map;
}

export const builtinsModule: ModuleDef = {
  name: 'builtins',
  extensible: false,
  names: (): Locals => [...builtinsMap().entries()].slice(1) as [string, Value][],
  setUp: module => {
    module.isBuiltins = true;
  },
};

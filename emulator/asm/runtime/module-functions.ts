/** Entries of the function table that only native modules use (natmod: py/nativeglue.h and py/dynruntime.h of MicroPython 1.27.0). */
import { arrayOfBytes } from '../../objects/array.ts';
import { codeSize, readElement, type StructType, writeElement } from '../../objects/binary.ts';
import { bufferMaybe } from '../../objects/buffer.ts';
import { newBytes } from '../../objects/bytes.ts';
import { dictType } from '../../objects/dict.ts';
import { excTypes, newMessageException } from '../../objects/exception.ts';
import { newFloat, toFloat } from '../../objects/float.ts';
import { type ArgSpec, nativeFunTypes, parseArgs } from '../../objects/function.ts';
import { guestMemory } from '../../objects/guest-memory.ts';
import { listType } from '../../objects/list.ts';
import { strFromUtf8, strType } from '../../objects/str.ts';
import { newStrFromBytes } from '../../objects/str-bytes.ts';
import { streamMethod, streamOfChecked } from '../../objects/stream.ts';
import { typeType } from '../../objects/type-object.ts';
import { loadMethodMaybe } from '../../vm/attributes.ts';
import { Raise, raiseTypeError } from '../../vm/raise.ts';
import { type BufferFlag, type MpType, typeOf } from '../../vm/type.ts';
import { MethodRef, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { Fun } from '../native/runtime-table.ts';
import { ThumbCore } from '../thumb/core.ts';
import { lowHalf, type Word } from '../word.ts';
import { X64Core } from '../x64/core.ts';
import type { NativeMachine } from './native-machine.ts';
import { type FormatArguments, formatText } from './native-printer.ts';
import type { RuntimeFunction } from './runtime-functions.ts';

/** Kinds and conditions of arguments (py/runtime.h). */
const ARG_BOOL = 1;
const ARG_INT = 2;
const ARG_KIND = 0xff;
const ARG_REQUIRED = 0x100;
const ARG_KW_ONLY = 0x200;

const BUFFER_ACCESS = 3;
const BUFFER_RAISE = 4;

/** Which arguments are objects: bit by bit. */
const OBJECTS: Partial<Record<Fun, number>> = {
  [Fun.ObjGetType]: 0b1,
  [Fun.ObjGetFloatToF]: 0b1,
  [Fun.ObjGetFloatToD]: 0b1,
  [Fun.LoadMethodMaybe]: 0b1,
  [Fun.GetBuffer]: 0b1,
  [Fun.GetStreamRaise]: 0b1,
  [Fun.BinarySetValArray]: 0b1000,
};

export function moduleFunctions(machine: NativeMachine): RuntimeFunction[] {
  const { words, memory, layout } = machine;
  const value = (word: Word): Value => words.required(word);
  const load = (address: number, index: number): Word => layout.load(address, index);
  const store = (address: number, index: number, word: Word): void => layout.store(address, index, word);
  const text = (address: number): string => strFromUtf8(memory.cStringAt(address));
  const ref = new MethodRef();

  const table: [Fun, number, RuntimeFunction['run']][] = [
    [
      Fun.Memset,
      20,
      (to, byte, length) => {
        spendOn(length);
        memory.bytesAt(to, length >>> 0).fill(byte);
        return to;
      },
    ],
    [
      Fun.Memmove,
      20,
      (to, from, length) => {
        spendOn(length);
        memory.bytesAt(to, length >>> 0).set(memory.bytesAt(from, length >>> 0));
        return to;
      },
    ],
    [Fun.Realloc, 60, reallocate],
    [
      Fun.Printf,
      300,
      (print, format) => {
        const out = formatText(machine, text(format), argumentsFrom(2));
        machine.printers.at(print).write(out);
        return out.length;
      },
    ],
    [
      Fun.Vprintf,
      300,
      (print, format, args) => {
        const out = formatText(machine, text(format), argumentsInMemory(args));
        machine.printers.at(print).write(out);
        return out.length;
      },
    ],
    [
      Fun.RaiseMsg,
      200,
      (type, message) => {
        const kind = value(type) as MpType;
        throw new Raise(message === 0 ? kind.makeNew!(kind, [], null) : newMessageException(kind, text(message)));
      },
    ],
    [Fun.ObjGetType, 12, (obj: Word) => words.word(typeOf(value(obj)))],
    [Fun.ObjNewStr, 200, (data, length) => words.word(newStrFromBytes(memory.bytesAt(data, length >>> 0).slice()))],
    [Fun.ObjNewBytes, 150, (data, length) => words.word(newBytes(memory.bytesAt(data, length >>> 0).slice()))],
    [
      Fun.ObjNewBytearrayByRef,
      60,
      (length, data) => {
        vm.heap.alloc(4 * vm.wordSize);
        return words.word(arrayOfBytes(memory.bytesAt(data, length >>> 0)));
      },
    ],
    [Fun.ObjNewFloatFromF, 60, low => words.word(newFloat(floatArgument(low)))],
    [Fun.ObjNewFloatFromD, 60, (low, high) => words.word(newFloat(doubleArgument(low, high)))],
    [Fun.ObjGetFloatToF, 40, (obj: Word) => floatResult(toFloat(value(obj)))],
    [Fun.ObjGetFloatToD, 40, (obj: Word) => doubleResult(toFloat(value(obj)))],
    [
      Fun.LoadMethodMaybe,
      150,
      (base: Word, attr, to) => {
        loadMethodMaybe(value(base), words.textOfQstr(attr), ref);
        store(to, 0, words.word(ref.member));
        store(to, 1, words.word(ref.member === undefined ? undefined : ref.self));
      },
    ],
    [Fun.GetBuffer, 60, getBuffer],
    [
      Fun.GetStreamRaise,
      40,
      (self: Word, flags) => {
        streamOfChecked(value(self), flags);
        return machine.typeImages.protocol();
      },
    ],
    [
      Fun.ArgParseAll,
      150,
      (n, positional, map, count) => {
        const used = layout.number(map, 0) >>> 3;
        const entries = words.values(layout.number(map, 2), 2 * used);
        parse(words.values(positional, n), entries, count, lowHalf(machine.argument(4)), lowHalf(machine.argument(5)));
      },
    ],
    [
      Fun.ArgParseAllKwArray,
      150,
      (n, nKw, args, count) =>
        parse(
          words.values(args, n),
          words.values(layout.at(args, n), 2 * nKw),
          count,
          lowHalf(machine.argument(4)),
          lowHalf(machine.argument(5)),
        ),
    ],
    [
      Fun.BinaryGetSize,
      30,
      (structType, code, align) => {
        const size = codeSize(String.fromCharCode(structType & 0xff) as StructType, String.fromCharCode(code & 0xff));
        if (align !== 0) memory.write32(align, structType === 0x40 ? size : 1);
        return size;
      },
    ],
    [
      Fun.BinaryGetValArray,
      40,
      (typecode, data, index) => {
        const code = String.fromCharCode(typecode & 0xff);
        return words.word(readElement(code, elementView(code, data, index), 0));
      },
    ],
    [
      Fun.BinarySetValArray,
      40,
      (typecode, data, index, obj: Word) => {
        const code = String.fromCharCode(typecode & 0xff);
        writeElement(code, elementView(code, data, index), 0, value(obj));
      },
    ],
  ];
  return table.map(([entry, cycles, run]) => ({ entry, cycles, objects: OBJECTS[entry] ?? 0, run }));

  function elementView(code: string, data: number, index: number): DataView {
    const size = codeSize('@', code);
    const bytes = memory.bytesAt((data + index * size) | 0, size);
    return new DataView(bytes.buffer, bytes.byteOffset, size);
  }

  /** A word at a time, as the library's functions work. */
  function spendOn(length: number): void {
    machine.core.addCycles(length >>> 2);
  }

  function reallocate(old: number, size: number, mayMove: number): number {
    const { heap } = machine;
    const block = old === 0 ? undefined : heap.blockAt(old);
    if (size === 0) {
      if (block !== undefined) heap.free(block);
      return 0;
    }
    return (
      ((block === undefined ? heap.allocate(size >>> 0) : heap.reallocate(block, size >>> 0, (mayMove & 0xff) !== 0))?.address ?? 0) | 0
    );
  }

  function getBuffer(obj: Word, info: number, flags: number): number {
    const source = value(obj);
    const view = bufferMaybe(source, (flags & BUFFER_ACCESS) as BufferFlag);
    if (view === undefined) {
      if (flags & BUFFER_RAISE) raiseTypeError('object with buffer protocol required');
      return 0;
    }
    store(info, 0, typeof source === 'string' ? guestMemory().addressOfStr(source) : guestMemory().addressOf(view.bytes));
    store(info, 1, view.bytes.length);
    store(info, 2, view.typecode.charCodeAt(0));
    return 1;
  }

  function parse(positional: readonly Value[], keywords: readonly Value[], count: number, allowed: number, out: number): void {
    const specs: ArgSpec[] = [];
    for (let i = 0; i < count; i++) {
      const at = layout.at(allowed, 2 * i);
      const flags = memory.read16((at + 2) | 0);
      const kind = flags & ARG_KIND;
      specs.push({
        name: words.textOfQstr(memory.read16(at)),
        required: (flags & ARG_REQUIRED) !== 0,
        kwOnly: (flags & ARG_KW_ONLY) !== 0,
        as: kind === ARG_INT ? 'int' : kind === ARG_BOOL ? 'bool' : 'object',
      });
    }
    parseArgs(specs, positional, keywords.length === 0 ? null : keywords).forEach((given, i) => {
      const as = specs[i].as;
      if (given === undefined) store(out, i, load(allowed, 2 * i + 1));
      else store(out, i, as === 'object' ? words.word(given) : as === 'int' ? (given as Word) : given ? 1 : 0);
    });
  }

  /** Arguments behind the named ones: in registers as far as there are some, then on the stack. */
  function argumentsFrom(first: number): FormatArguments {
    let next = first;
    const word = (): Word => machine.argument(next++);
    if (machine.core instanceof X64Core) {
      // Floats are counted on their own: the first eight come in SSE registers.
      const { doubles } = machine.core.xmm;
      let floats = 0;
      return { word, double: () => (floats < 8 ? doubles[2 * floats++] : fromBits(word())) };
    }
    return { word, double: () => asDouble(word, (next += next & 1)) };
  }

  function argumentsInMemory(address: number): FormatArguments {
    if (machine.wide) return argumentList(address);
    let at = address;
    const word = (): Word => {
      const found = memory.read32(at);
      at = (at + 4) | 0;
      return found;
    };
    return { word, double: () => asDouble(word, (at = (at + 7) & ~7)) };
  }

  /** A `va_list` of System V: how far the saved registers are used up, what lies on the stack, and where the registers were saved. */
  function argumentList(list: number): FormatArguments {
    const next = (offsetAt: number, end: number, step: number): number => {
      const offset = memory.read32(list + offsetAt);
      if (offset < end) {
        memory.write32(list + offsetAt, offset + step);
        return layout.number(list, 2) + offset;
      }
      const at = layout.number(list, 1);
      layout.store(list, 1, at + 8);
      return at;
    };
    return { word: () => layout.load(next(0, 48, 8)), double: () => fromBits(layout.load(next(4, 176, 16))) };
  }

  function asDouble(word: () => Word, _aligned: number): number {
    const low = lowHalf(word());
    return new DataView(Int32Array.of(low, lowHalf(word())).buffer).getFloat64(0, true);
  }

  function fromBits(word: Word): number {
    return new Float64Array(BigInt64Array.of(BigInt(word)).buffer)[0];
  }

  /** Floats come and go in the floating-point registers where the processor has some (AAPCS with hard float), else as words. */
  function floatArgument(low: number): number {
    if (machine.core instanceof X64Core) return machine.core.xmm.singles[0];
    const bits = machine.core instanceof ThumbCore && machine.core.hasFpu ? machine.core.sBits[0] : low;
    return new DataView(Int32Array.of(bits).buffer).getFloat32(0, true);
  }
  function doubleArgument(low: number, high: number): number {
    const { core } = machine;
    if (core instanceof X64Core) return core.xmm.doubles[0];
    const bits = core instanceof ThumbCore && core.hasFpu ? [core.sBits[0], core.sBits[1]] : [low, high];
    return new DataView(Int32Array.from(bits).buffer).getFloat64(0, true);
  }
  function floatResult(result: number): number | void {
    if (machine.core instanceof X64Core) return void (machine.core.xmm.singles[0] = result);
    const bits = new Int32Array(Float32Array.of(result).buffer)[0];
    if (machine.core instanceof ThumbCore && machine.core.hasFpu) machine.core.sBits[0] = bits;
    return bits;
  }
  function doubleResult(result: number): number | void {
    if (machine.core instanceof X64Core) return void (machine.core.xmm.doubles[0] = result);
    const [low, high] = new Int32Array(Float64Array.of(result).buffer);
    if (machine.core instanceof ThumbCore && machine.core.hasFpu) {
      machine.core.sBits[0] = low;
      machine.core.sBits[1] = high;
    } else machine.setSecondResult(high);
    return low;
  }
}

/** Entries that are no functions: addresses of objects and of structures. */
export function moduleConstants(machine: NativeMachine): [Fun, number][] {
  const pinned = (object: Value): number => machine.pinned(object);
  return [
    [Fun.PlatPrint, machine.printers.platform],
    [Fun.TypeType, pinned(typeType)],
    [Fun.TypeStr, pinned(strType)],
    [Fun.TypeList, pinned(listType)],
    [Fun.TypeDict, pinned(dictType)],
    [Fun.TypeFunBuiltin0, pinned(nativeFunTypes[0])],
    [Fun.TypeFunBuiltin1, pinned(nativeFunTypes[1])],
    [Fun.TypeFunBuiltin2, pinned(nativeFunTypes[2])],
    [Fun.TypeFunBuiltin3, pinned(nativeFunTypes[3])],
    [Fun.TypeFunBuiltinVar, pinned(nativeFunTypes[4])],
    [Fun.TypeException, pinned(excTypes.Exception)],
    [Fun.StreamRead, pinned(streamMethod('read'))],
    [Fun.StreamReadinto, pinned(streamMethod('readinto'))],
    [Fun.StreamUnbufferedReadline, pinned(streamMethod('readline'))],
    [Fun.StreamWrite, pinned(streamMethod('write'))],
  ];
}

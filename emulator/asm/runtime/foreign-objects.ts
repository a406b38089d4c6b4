/**
 * Objects that native modules have made: structures in memory that begin with a pointer to their type (py/obj.h of MicroPython 1.27.0). For the virtual machine
 * they become objects of its own: functions that call machine code, types whose slots do, and instances that know their address.
 */
import { bytesType, MpBytes } from '../../objects/bytes.ts';
import { dictType, newDict } from '../../objects/dict.ts';
import { floatType, MpFloat } from '../../objects/float.ts';
import { fun0, fun1, fun2, fun3, funVar, MpNativeFun, nativeFunTypes } from '../../objects/function.ts';
import { guestMemory } from '../../objects/guest-memory.ts';
import { strFromUtf8, strType } from '../../objects/str.ts';
import { type StreamProtocol, StreamRequest } from '../../objects/stream.ts';
import { newTuple, tupleType } from '../../objects/tuple.ts';
import { typeType } from '../../objects/type-object.ts';
import { MpType, TypeFlag, type TypeSlots } from '../../vm/type.ts';
import { type KwArgs, MpObj, type Value } from '../../vm/value.ts';
import { BusError } from '../memory-bus.ts';
import { Fun } from '../native/runtime-table.ts';
import { lowHalf, type Word } from '../word.ts';
import type { NativeBlock } from './native-heap.ts';
import type { NativeMachine } from './native-machine.ts';
import { indexesAt, SENTINEL, SLOTS, type Slot, slotsAt, TYPE_FLAGS } from './type-image.ts';

/** An object whose structure lies in memory. */
export class MpForeignInstance extends MpObj {
  constructor(
    type: MpType,
    readonly address: number,
    readonly block: NativeBlock | undefined,
  ) {
    super(type);
  }

  override heapBytes(): number {
    return 0;
  }

  override heldValues(): Iterable<Value | undefined> {
    return this.block === undefined ? [] : [this.block];
  }
}

export class ForeignObjects {
  /** What lies in memory that stays, by address. */
  private readonly lasting = new Map<number, Value>();
  private readonly instances = new WeakMap<NativeBlock, MpForeignInstance>();

  constructor(private readonly machine: NativeMachine) {}

  /** The object at an address. @throws BusError where there is none */
  at(word: number): Value {
    const address = word >>> 0;
    const { machine } = this;
    const { memory, words, layout } = machine;
    const known = this.lasting.get(address);
    if (known !== undefined) return known;
    const block = machine.heap.blockAt(address);
    if (block !== undefined && address === block.address) {
      const instance = this.instances.get(block);
      if (instance !== undefined) return instance;
    }
    if ((address & 3) !== 0 || !memory.isMapped(address)) throw new BusError(address, 'read');
    const typeAddress = layout.number(address);
    const value = this.make(address, this.isTypeType(typeAddress) ? typeType : words.required(typeAddress), block);
    if (value instanceof MpForeignInstance && block !== undefined) this.instances.set(block, value);
    else if (block === undefined) this.lasting.set(address, value);
    if (value instanceof MpObj) words.place(value, address);
    return value;
  }

  private isTypeType(word: number): boolean {
    // Some modules take the address of the table's entry for the entry (examples/natmod/re of MicroPython 1.27.0).
    return word === this.machine.layout.at(this.machine.functionTable, Fun.TypeType);
  }

  private make(address: number, type: Value, block: NativeBlock | undefined): Value {
    const { memory, layout, wide } = this.machine;
    const load = (index: number): number => layout.number(address, index);
    if (!(type instanceof MpType)) throw new BusError(address, 'read');
    const kind = nativeFunTypes.indexOf(type);
    if (kind >= 0) return this.makeFunction(kind, load(1), kind < 4 ? 0 : load(2));
    if (type === typeType) return this.makeType(address);
    if (type === strType) return strFromUtf8(memory.bytesAt(load(3), load(2)));
    if (type === bytesType) return new MpBytes(memory.bytesAt(load(3), load(2)));
    if (type === floatType) {
      const bytes = memory.bytesAt(layout.at(address, 1), layout.bytes);
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      return new MpFloat(wide ? view.getFloat64(0, true) : view.getFloat32(0, true));
    }
    if (type === tupleType) return newTuple(this.machine.words.values(layout.at(address, 2), load(1)));
    if (type === dictType) {
      const dict = newDict(load(1) >>> 3);
      for (const [key, value] of this.entries(address)) dict.map.set(key, value);
      return dict;
    }
    return new MpForeignInstance(type, address, block);
  }

  /** The entries of a dict's table. */
  private *entries(dict: number): Iterable<[Value, Value]> {
    const { layout, words } = this.machine;
    const alloc = layout.number(dict, 2);
    const table = layout.number(dict, 3);
    for (let i = 0; i < alloc; i++) {
      const key = layout.load(table, 2 * i);
      if (key !== 0 && key !== SENTINEL) yield [words.required(key), words.required(layout.load(table, 2 * i + 1))];
    }
  }

  /** A function object: `mp_obj_fun_builtin_fixed_t`, or `mp_obj_fun_builtin_var_t` with its signature before the address. */
  private makeFunction(kind: number, second: number, third: number): MpNativeFun {
    const { machine } = this;
    const { words } = machine;
    const word = (value: Value): Word => words.word(value);
    const result = (value: Word): Value => words.required(value);
    switch (kind) {
      case 0:
        return fun0(() => result(machine.call(second, [])));
      case 1:
        return fun1(a => result(machine.call(second, [word(a)])));
      case 2:
        return fun2((a, b) => result(machine.call(second, [word(a), word(b)])));
      case 3:
        return fun3((a, b, c) => result(machine.call(second, [word(a), word(b), word(c)])));
      default: {
        const min = second >>> 17;
        const max = (second >>> 1) & 0xffff;
        if ((second & 1) === 0)
          return funVar(min, max, args => result(machine.callWith(third, place => [args.length, place(args.map(word))])));
        return new MpNativeFun(
          nativeFunTypes[4],
          (args: readonly Value[], kw: KwArgs) =>
            result(
              machine.callWith(third, place => {
                const at = place(args.map(word));
                const count = (kw?.length ?? 0) >> 1;
                const table = place((kw ?? []).map(word));
                // A fixed, ordered map whose keys are all names.
                return [args.length, at, place([(count << 3) | 7, count, table])];
              }),
            ),
          min,
          max,
          true,
        );
      }
    }
  }

  private makeType(address: number): MpType {
    const { machine } = this;
    const { memory, words, layout } = machine;
    const slotWord = (slot: Slot): number => {
      const index = memory.read8((address + indexesAt(layout.bytes) + SLOTS.indexOf(slot)) | 0);
      return index === 0 ? 0 : layout.number(address + slotsAt(layout.bytes), index - 1);
    };
    const flags = memory.read16((address + layout.bytes) | 0);
    const slots: TypeSlots = { flags: typeFlags(flags) };
    for (const slot of SLOTS) {
      const word = slotWord(slot);
      if (word === 0) continue;
      const origin = machine.typeImages.origin(word);
      if (origin !== undefined) copySlot(slots, origin.type, origin.slot);
      else this.addSlot(slots, slot, word, flags);
    }
    const parent = slotWord('parent');
    if (parent !== 0) slots.parent = words.required(parent) as MpType;
    if (slots.parent !== undefined && (slots.parent.flags & TypeFlag.NativeException) !== 0) slots.flags! |= TypeFlag.NativeException;
    return new MpType(words.textOfQstr(memory.read16((address + layout.bytes + 2) | 0)), slots);
  }

  private addSlot(slots: TypeSlots, slot: Slot, word: number, flags: number): void {
    const { machine } = this;
    const { words, memory, layout } = machine;
    const w = (value: Value): Word => words.word(value);
    const maybe = (result: Word): Value | undefined => words.value(result);
    switch (slot) {
      case 'makeNew':
        slots.makeNew = (type, args, kw) =>
          words.required(machine.callWith(word, place => [w(type), args.length, kwCount(kw), place([...args, ...(kw ?? [])].map(w))]));
        break;
      case 'print':
        slots.print = (out, self, kind) => {
          machine.printers.lend(out, print => machine.call(word, [print, w(self), kind]));
        };
        break;
      case 'call':
        slots.call = (self, args, kw) =>
          words.required(machine.callWith(word, place => [w(self), args.length, kwCount(kw), place([...args, ...(kw ?? [])].map(w))]));
        break;
      case 'unaryOp':
        slots.unaryOp = (op, self) => maybe(machine.call(word, [op, w(self)]));
        break;
      case 'binaryOp':
        slots.binaryOp = (op, lhs, rhs) => maybe(machine.call(word, [op, w(lhs), w(rhs)]));
        break;
      case 'attr':
        slots.loadAttr = (self, name, dest) => {
          const to = this.attribute(word, self, name, [0, 0]);
          dest.member = words.value(to[0]);
          dest.self = to[0] === 0 ? undefined : words.value(to[1]);
          return to[0] !== 0 || to[1] !== SENTINEL;
        };
        slots.storeAttr = (self, name, value) => this.attribute(word, self, name, [SENTINEL, words.word(value)])[0] === 0;
        break;
      case 'getItem':
        slots.getItem = (self, index) => maybe(machine.call(word, [w(self), w(index), SENTINEL]));
        slots.setItem = (self, index, value) => machine.call(word, [w(self), w(index), words.word(value)]) !== 0;
        break;
      case 'iter':
        this.addIteration(slots, word, flags);
        break;
      case 'buffer':
        slots.buffer = (self, access) => {
          let at = 0;
          // An `int`: the upper half of the register is nobody's.
          const failed = lowHalf(machine.callWith(word, place => [w(self), (at = place([0, 0, 0])), access]));
          if (failed !== 0) return undefined;
          const bytes = memory.bytesAt(layout.number(at), layout.number(at, 1));
          return { bytes, typecode: String.fromCharCode(memory.read8(layout.at(at, 2))) };
        };
        break;
      case 'stream':
        slots.stream = this.streamProtocol(word);
        break;
      case 'locals':
        slots.locals = () => [...this.entries(word)].map(([key, value]) => [key as string, value] as const);
        break;
      default:
    }
  }

  private addIteration(slots: TypeSlots, word: number, flags: number): void {
    const { machine } = this;
    const { words, layout } = machine;
    const kind = flags & TYPE_FLAGS.ITER_IS_STREAM;
    const nextAt = (address: number) => (self: Value) => words.value(machine.call(address, [words.word(self)]));
    const iterAt = (address: number) => (self: Value) =>
      words.value(machine.callWith(address, place => [words.word(self), place([0, 0, 0, 0])]));
    if (kind === TYPE_FLAGS.ITER_IS_ITERNEXT) {
      slots.flags! |= TypeFlag.IterIsSelf;
      slots.next = nextAt(word);
    } else if (kind === TYPE_FLAGS.ITER_IS_CUSTOM) {
      slots.iter = iterAt(layout.number(word));
      slots.next = nextAt(layout.number(word, 1));
    } else slots.iter = iterAt(word);
  }

  private attribute(address: number, self: Value, name: string, dest: [Word, Word]): [Word, Word] {
    const { machine } = this;
    const { words, layout } = machine;
    let at = 0;
    machine.callWith(address, place => [words.word(self), words.qstr(name), (at = place(dest))]);
    return [layout.load(at), layout.load(at, 1)];
  }

  /** The stream protocol that an `mp_stream_p_t` describes. */
  private streamProtocol(address: number): StreamProtocol {
    const { machine } = this;
    const { words, memory, layout } = machine;
    const [read, write, ioctl] = [0, 1, 2].map(index => layout.number(address, index));
    const call = (fun: number, self: Value, second: number, third: (place: (words: readonly Word[]) => number) => number): number => {
      let error = 0;
      const result = machine.callWith(fun, place => {
        error = place([0]);
        return [words.word(self), second, third(place), error];
      });
      // An `mp_uint_t`, of which the highest one is an error; an error number is an `int`.
      return result === -1 ? -memory.read32(error) : Number(result);
    };
    const buffer = (bytes: Uint8Array): number => guestMemory().addressOf(bytes) | 0;
    return {
      isText: (memory.read32(layout.at(address, 3)) & 1) !== 0,
      ...(read === 0 ? {} : { read: (self: Value, into: Uint8Array) => call(read, self, buffer(into), () => into.length) }),
      ...(write === 0 ? {} : { write: (self: Value, data: Uint8Array) => call(write, self, buffer(data), () => data.length) }),
      ...(ioctl === 0
        ? {}
        : {
            ioctl: (self: Value, request: number, arg) => {
              if (typeof arg === 'number') return call(ioctl, self, request, () => arg);
              if ('bytes' in arg) return call(ioctl, self, request, () => buffer(arg.bytes));
              let at = 0;
              const result = call(ioctl, self, request, place => (at = place([arg.offset, arg.whence])));
              if (request === StreamRequest.Seek) arg.offset = Number(layout.load(at));
              return result;
            },
          }),
    };
  }
}

const kwCount = (kw: KwArgs): number => (kw?.length ?? 0) >> 1;

function typeFlags(flags: number): number {
  let own = 0;
  if (flags & TYPE_FLAGS.EQ_NOT_REFLEXIVE) own |= TypeFlag.EqNotReflexive;
  if (flags & TYPE_FLAGS.EQ_CHECKS_OTHER_TYPE) own |= TypeFlag.EqChecksOtherType;
  if (flags & TYPE_FLAGS.EQ_HAS_NEQ_TEST) own |= TypeFlag.EqHasNeqTest;
  if ((flags & TYPE_FLAGS.ITER_IS_STREAM) === TYPE_FLAGS.ITER_IS_STREAM) own |= TypeFlag.IterIsStream;
  return own;
}

/** A slot that holds a built-in type's function is that type's. */
function copySlot(slots: TypeSlots, type: MpType, slot: Slot): void {
  switch (slot) {
    case 'makeNew':
      slots.makeNew = type.makeNew!;
      break;
    case 'print':
      slots.print = type.print!;
      break;
    case 'attr':
      if (type.loadAttr !== undefined) slots.loadAttr = type.loadAttr;
      if (type.storeAttr !== undefined) slots.storeAttr = type.storeAttr;
      break;
    case 'call':
      slots.call = type.call!;
      break;
    case 'unaryOp':
      slots.unaryOp = type.unaryOp!;
      break;
    case 'binaryOp':
      slots.binaryOp = type.binaryOp!;
      break;
    case 'iter':
      slots.iter = type.iter!;
      break;
    case 'getItem':
      if (type.getItem !== undefined) slots.getItem = type.getItem;
      if (type.setItem !== undefined) slots.setItem = type.setItem;
      break;
    default:
  }
}

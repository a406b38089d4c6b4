/** Types as machine code sees them: `mp_obj_type_t` of py/obj.h, with functions of the host in the slots. */
import { type StreamProtocol, StreamRequest } from '../../objects/stream.ts';
import { loadMethodMaybe, storeAttr } from '../../vm/attributes.ts';
import type { MpType, TypeSlots } from '../../vm/type.ts';
import { MethodRef, type Value } from '../../vm/value.ts';
import { type Word, wordOf } from '../word.ts';
import type { HostCall, NativeMachine } from './native-machine.ts';

/** The slots in the order of their indexes in the structure. */
export const SLOTS = [
  'makeNew',
  'print',
  'call',
  'unaryOp',
  'binaryOp',
  'attr',
  'getItem',
  'iter',
  'buffer',
  'stream',
  'parent',
  'locals',
] as const;
export type Slot = (typeof SLOTS)[number];

/** Words in front of the slots: the type's type, flags and name, the indexes of the slots. */
const headerWords = (wordBytes: 4 | 8): number => (wordBytes === 8 ? 3 : 5);
export const typeWords = (wordBytes: 4 | 8): number => headerWords(wordBytes) + SLOTS.length;
/** Bytes in front of the indexes, and of the slots. */
export const indexesAt = (wordBytes: 4 | 8): number => wordBytes + 4;
export const slotsAt = (wordBytes: 4 | 8): number => wordBytes * headerWords(wordBytes);

/** What a subscript call takes for a value when nothing is stored, and an attribute call for one that is stored to. */
export const SENTINEL = 4;
const STREAM_ERROR = -1;

/** The flags of py/obj.h, by those of ours. */
export const TYPE_FLAGS = {
  EQ_NOT_REFLEXIVE: 0x0004,
  EQ_CHECKS_OTHER_TYPE: 0x0008,
  EQ_HAS_NEQ_TEST: 0x0010,
  ITER_IS_ITERNEXT: 0x0080,
  ITER_IS_CUSTOM: 0x0100,
  ITER_IS_STREAM: 0x0180,
} as const;

/** Which arguments of a slot's function are objects: bit by bit. */
const OBJECT_ARGUMENTS: Partial<Record<Slot, number>> = { print: 0b010, unaryOp: 0b10, binaryOp: 0b110, getItem: 0b111 };

/** Word `index` of a type's structure. */
export function typeWord(machine: NativeMachine, type: MpType, index: number): Word | undefined {
  return machine.typeImages.word(type, index);
}

export class TypeImages {
  private readonly slots = new WeakMap<MpType, (Word | undefined)[]>();
  /** Functions of the host that stand in slots, by address. */
  private readonly origins = new Map<number, { type: MpType; slot: Slot }>();
  private streamProtocol = 0;

  constructor(private readonly machine: NativeMachine) {}

  /** The type and slot that a function stands for, when it is one of these. */
  origin(address: number): { type: MpType; slot: Slot } | undefined {
    return this.origins.get(address | 0);
  }

  word(type: MpType, index: number): Word | undefined {
    const { bytes } = this.machine.layout;
    const header = headerWords(bytes);
    if (index < header) {
      const head = new Uint8Array(slotsAt(bytes));
      const view = new DataView(head.buffer);
      view.setUint16(bytes + 2, this.machine.words.qstr(type.name), true);
      SLOTS.forEach((slot, i) => {
        if (has(type, slot)) head[indexesAt(bytes) + i] = i + 1;
      });
      return bytes === 4 ? view.getInt32(4 * index, true) : wordOf(new Int32Array(head.buffer), 2 * index);
    }
    const slot = SLOTS[index - header];
    if (slot === undefined || !has(type, slot)) return undefined;
    let known = this.slots.get(type);
    if (known === undefined) this.slots.set(type, (known = []));
    return (known[index] ??= this.make(type, slot));
  }

  private make(type: MpType, slot: Slot): Word {
    const { machine } = this;
    if (slot === 'parent') return machine.words.word(type.parents[0]);
    if (slot === 'stream') return this.protocol();
    const address = machine.hostFunction(30, this.slotFunction(type, slot), OBJECT_ARGUMENTS[slot] ?? 1);
    this.origins.set(address | 0, { type, slot });
    return address;
  }

  private slotFunction(type: MpType, slot: Slot): HostCall {
    const { machine } = this;
    const { words, layout } = machine;
    const value = (word: Word): Value => words.required(word);
    switch (slot) {
      case 'makeNew':
        return (typeOf: Word, n: number, nKw: number, args: number) =>
          words.word(
            type.makeNew!(
              (words.value(typeOf) ?? type) as MpType,
              words.values(args, n),
              nKw === 0 ? null : words.values(layout.at(args, n), 2 * nKw),
            ),
          );
      case 'print':
        return (print: number, self: Word, kind: number) => type.print!(machine.printers.at(print), value(self), kind);
      case 'call':
        return (self: Word, n: number, nKw: number, args: number) =>
          words.word(type.call!(value(self), words.values(args, n), nKw === 0 ? null : words.values(layout.at(args, n), 2 * nKw)));
      case 'unaryOp':
        return (op: number, self: Word) => words.word(type.unaryOp!(op, value(self)));
      case 'binaryOp':
        return (op: number, lhs: Word, rhs: Word) => words.word(type.binaryOp!(op, value(lhs), value(rhs)));
      case 'getItem':
        return (self: Word, index: Word, stored: Word) => {
          if (stored === SENTINEL) return words.word(type.getItem?.(value(self), value(index)));
          return type.setItem?.(value(self), value(index), words.value(stored)) ? words.word(null) : 0;
        };
      case 'iter':
        return (self: Word) => words.word(type.iter!(value(self)));
      case 'attr':
        return (self: Word, name: number, to: number) => {
          const text = words.textOfQstr(name);
          if (layout.load(to) === 0) {
            const ref = new MethodRef();
            if (type.loadAttr !== undefined) type.loadAttr(value(self), text, ref);
            else loadMethodMaybe(value(self), text, ref);
            layout.store(to, 0, words.word(ref.member));
            layout.store(to, 1, words.word(ref.self));
            return;
          }
          const stored = words.value(layout.load(to, 1));
          if (type.storeAttr === undefined && stored !== undefined) storeAttr(value(self), text, stored);
          else if (!type.storeAttr?.(value(self), text, stored)) return;
          layout.store(to, 0, 0);
        };
      default:
        throw new Error(`slot ${slot} of type '${type.name}' cannot be called by machine code: this is not built`);
    }
  }

  /** Address of an `mp_stream_p_t` through which machine code reaches the stream protocol of any object. */
  protocol(): number {
    const { machine } = this;
    if (this.streamProtocol !== 0) return this.streamProtocol;
    const { words, memory, layout } = machine;
    const streamOf = (self: Word): { value: Value; protocol: StreamProtocol } => {
      const value = words.required(self);
      return { value, protocol: (value as { type: MpType }).type.stream as StreamProtocol };
    };
    const outcome = (result: number, errorAt: number): number => {
      if (result >= 0) return result;
      memory.write32(errorAt, -result);
      return STREAM_ERROR;
    };
    const address = machine.allocate(new Uint8Array(4 * layout.bytes));
    const functions = [
      machine.hostFunction(60, (self: Word, buffer: number, size: number, error: number) => {
        const { value, protocol } = streamOf(self);
        return outcome(protocol.read!(value, memory.bytesAt(buffer, size)), error);
      }),
      machine.hostFunction(60, (self: Word, buffer: number, size: number, error: number) => {
        const { value, protocol } = streamOf(self);
        return outcome(protocol.write!(value, memory.bytesAt(buffer, size)), error);
      }),
      machine.hostFunction(60, (self: Word, request: number, arg: number, error: number) => {
        const { value, protocol } = streamOf(self);
        if (request !== StreamRequest.Seek) return outcome(protocol.ioctl!(value, request, arg), error);
        const seek = { offset: Number(layout.load(arg)), whence: memory.read32(layout.at(arg, 1)) };
        const result = protocol.ioctl!(value, request, seek);
        layout.store(arg, 0, seek.offset);
        return outcome(result, error);
      }),
    ];
    functions.forEach((fun, i) => {
      layout.store(address, i, fun);
    });
    return (this.streamProtocol = address);
  }
}

function has(type: MpType, slot: Slot): boolean {
  switch (slot) {
    case 'attr':
      return type.loadAttr !== undefined || type.storeAttr !== undefined;
    case 'getItem':
      return type.getItem !== undefined || type.setItem !== undefined;
    case 'parent':
      return type.parents.length > 0;
    case 'buffer':
    case 'locals':
      // Machine code asks for buffers and members through the function table.
      return false;
    default:
      return type[slot as keyof TypeSlots & keyof MpType] !== undefined;
  }
}

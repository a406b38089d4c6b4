/** Types as machine code sees them: `mp_obj_type_t` of py/obj.h, with functions of the host in the slots. */
import { type StreamProtocol, StreamRequest } from '../../objects/stream.ts';
import { loadMethodMaybe, storeAttr } from '../../vm/attributes.ts';
import type { MpType, TypeSlots } from '../../vm/type.ts';
import { MethodRef, type Value } from '../../vm/value.ts';
import type { NativeMachine } from './native-machine.ts';

/** The slots in the order of their indexes in the structure, from its byte 8 on. */
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

const HEADER_WORDS = 5;
export const TYPE_WORDS = HEADER_WORDS + SLOTS.length;

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

/** Word `index` of a type's structure. */
export function typeWord(machine: NativeMachine, type: MpType, index: number): number | undefined {
  return machine.typeImages.word(type, index);
}

export class TypeImages {
  private readonly slots = new WeakMap<MpType, (number | undefined)[]>();
  /** Functions of the host that stand in slots, by address. */
  private readonly origins = new Map<number, { type: MpType; slot: Slot }>();
  private streamProtocol = 0;

  constructor(private readonly machine: NativeMachine) {}

  /** The type and slot that a function stands for, when it is one of these. */
  origin(address: number): { type: MpType; slot: Slot } | undefined {
    return this.origins.get(address | 0);
  }

  word(type: MpType, index: number): number | undefined {
    if (index === 1) return this.machine.words.qstr(type.name) << 16;
    if (index < HEADER_WORDS) {
      let word = 0;
      for (let i = 0; i < 4; i++) if (has(type, SLOTS[4 * (index - 2) + i])) word |= (4 * (index - 2) + i + 1) << (8 * i);
      return word;
    }
    const slot = SLOTS[index - HEADER_WORDS];
    if (slot === undefined || !has(type, slot)) return undefined;
    let known = this.slots.get(type);
    if (known === undefined) this.slots.set(type, (known = []));
    return (known[index] ??= this.make(type, slot));
  }

  private make(type: MpType, slot: Slot): number {
    const { machine } = this;
    if (slot === 'parent') return machine.words.word(type.parents[0]);
    if (slot === 'stream') return this.protocol();
    const address = machine.hostFunction(30, this.slotFunction(type, slot));
    this.origins.set(address | 0, { type, slot });
    return address;
  }

  private slotFunction(type: MpType, slot: Slot): (a: number, b: number, c: number, d: number) => number | void {
    const { machine } = this;
    const { words, memory } = machine;
    const value = (word: number): Value => words.required(word);
    switch (slot) {
      case 'makeNew':
        return (typeOf, n, nKw, args) =>
          words.word(
            type.makeNew!(
              (words.value(typeOf) ?? type) as MpType,
              words.values(args, n),
              nKw === 0 ? null : words.values(args + 4 * n, 2 * nKw),
            ),
          );
      case 'print':
        return (print, self, kind) => type.print!(machine.printers.at(print), value(self), kind);
      case 'call':
        return (self, n, nKw, args) =>
          words.word(type.call!(value(self), words.values(args, n), nKw === 0 ? null : words.values(args + 4 * n, 2 * nKw)));
      case 'unaryOp':
        return (op, self) => words.word(type.unaryOp!(op, value(self)));
      case 'binaryOp':
        return (op, lhs, rhs) => words.word(type.binaryOp!(op, value(lhs), value(rhs)));
      case 'getItem':
        return (self, index, stored) => {
          if (stored === SENTINEL) return words.word(type.getItem?.(value(self), value(index)));
          return type.setItem?.(value(self), value(index), words.value(stored)) ? words.word(null) : 0;
        };
      case 'iter':
        return self => words.word(type.iter!(value(self)));
      case 'attr':
        return (self, name, to) => {
          const text = words.textOfQstr(name);
          if (memory.read32(to) === 0) {
            const ref = new MethodRef();
            if (type.loadAttr !== undefined) type.loadAttr(value(self), text, ref);
            else loadMethodMaybe(value(self), text, ref);
            memory.write32(to, words.word(ref.member));
            memory.write32((to + 4) | 0, words.word(ref.self));
            return;
          }
          const stored = words.value(memory.read32((to + 4) | 0));
          if (type.storeAttr === undefined && stored !== undefined) storeAttr(value(self), text, stored);
          else if (!type.storeAttr?.(value(self), text, stored)) return;
          memory.write32(to, 0);
        };
      default:
        throw new Error(`slot ${slot} of type '${type.name}' cannot be called by machine code: this is not built`);
    }
  }

  /** Address of an `mp_stream_p_t` through which machine code reaches the stream protocol of any object. */
  protocol(): number {
    const { machine } = this;
    if (this.streamProtocol !== 0) return this.streamProtocol;
    const { words, memory } = machine;
    const streamOf = (self: number): { value: Value; protocol: StreamProtocol } => {
      const value = words.required(self);
      return { value, protocol: (value as { type: MpType }).type.stream as StreamProtocol };
    };
    const outcome = (result: number, errorAt: number): number => {
      if (result >= 0) return result;
      memory.write32(errorAt, -result);
      return STREAM_ERROR;
    };
    const address = machine.allocate(new Uint8Array(16));
    const functions = [
      machine.hostFunction(60, (self, buffer, size, error) => {
        const { value, protocol } = streamOf(self);
        return outcome(protocol.read!(value, memory.bytesAt(buffer, size)), error);
      }),
      machine.hostFunction(60, (self, buffer, size, error) => {
        const { value, protocol } = streamOf(self);
        return outcome(protocol.write!(value, memory.bytesAt(buffer, size)), error);
      }),
      machine.hostFunction(60, (self, request, arg, error) => {
        const { value, protocol } = streamOf(self);
        if (request !== StreamRequest.Seek) return outcome(protocol.ioctl!(value, request, arg), error);
        const seek = { offset: memory.read32(arg), whence: memory.read32((arg + 4) | 0) };
        const result = protocol.ioctl!(value, request, seek);
        memory.write32(arg, seek.offset);
        return outcome(result, error);
      }),
    ];
    functions.forEach((fun, i) => {
      memory.write32(address + 4 * i, fun);
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

/** The integer instructions of 64-bit mode, as far as compilers use them: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2. */
import { Kind } from '../translating-core.ts';
import { Alu, condition, NARROW, narrowLogic, testWide, WIDE, WIDE_QUIET, type WideOperation } from './arithmetic.ts';
import { bitScan, bitTest, countBits, swapBytes } from './bits.ts';
import { callOperand, callRelative, conditionalJump, jumpOperand, jumpRelative, returnNear } from './control.ts';
import { Instruction } from './instruction.ts';
import type { X64Decoded, X64Machine } from './machine.ts';
import { divideFull, multiplyFlags, multiplyFull, multiplyLow } from './multiply.ts';
import {
  constantPair,
  getter,
  loadAddress,
  type Operand,
  type Pair,
  pairOf,
  pop,
  push,
  type RegisterOperand,
  type Size,
  sequence,
  setter,
} from './operands.ts';
import { doubleShiftNarrow, doubleShiftWide, type Shift, shiftNarrow, shiftWide, shiftWideQuiet } from './shift.ts';
import { decodeSse } from './sse.ts';
import { CARRY, FIRST, OVERFLOW, RAX, RBP, RCX, RDX, RESULT, RSP, SECOND } from './state.ts';
import { stringInstruction } from './strings.ts';
import { X64Trap } from './trap.ts';

const SETS_FLAGS = { setsFlags: true } as const;

export function decode(m: X64Machine, address: number): X64Decoded {
  const i = new Instruction(m, address);
  const op = i.opcode;
  if (op < 0x40) return arithmeticByOpcode(i);
  if (op < 0x0f00) return oneByte(i);
  return twoBytes(i);
}

function oneByte(i: Instruction): X64Decoded {
  const { machine: m, opcode: op } = i;
  const { r } = m;
  const isByte = (op & 1) === 0;
  const low = (op & 7) | ((i.rex & 1) << 3);
  switch (op) {
    case 0x63: {
      i.readOperands();
      const to = i.register;
      const size = i.operandSize();
      const get = getter(m, i.operand(32), 32);
      if (size !== 64) return store(i, setter(m, i.fieldOperand(size), size), get);
      return i.done(() => signExtend(r, to, get()));
    }
    case 0x68:
    case 0x6a: {
      const value = op === 0x68 ? i.signed32() : i.signed8();
      return i.done(() => push(m, value, value >> 31));
    }
    case 0x69:
    case 0x6b: {
      const size = i.operandSize();
      const bytes = op === 0x6b ? 1 : size === 16 ? 2 : 4;
      i.readOperands(bytes);
      const value = op === 0x6b ? i.signed8() : i.immediate(size);
      return multiplyInto(i, size, i.operand(size), value);
    }
    case 0x80:
    case 0x81:
    case 0x83: {
      const size = i.operandSize(op === 0x80);
      const short = op !== 0x81;
      i.readOperands(short ? 1 : size === 16 ? 2 : 4);
      const value = short ? i.signed8() : i.immediate(size);
      return arithmetic(i, i.field, size, i.operand(size), value);
    }
    case 0x84:
    case 0x85: {
      const size = i.operandSize(isByte);
      i.readOperands();
      return test(i, size, i.operand(size), i.fieldOperand(size));
    }
    case 0xa8:
    case 0xa9: {
      const size = i.operandSize(isByte);
      return test(i, size, i.registerOperand(0, size), i.immediate(size));
    }
    case 0x86:
    case 0x87: {
      const size = i.operandSize(isByte);
      i.readOperands();
      return exchange(i, size, i.operand(size), i.fieldOperand(size));
    }
    case 0x88:
    case 0x89: {
      const size = i.operandSize(isByte);
      i.readOperands();
      return move(i, size, i.operand(size), i.fieldOperand(size));
    }
    case 0x8a:
    case 0x8b: {
      const size = i.operandSize(isByte);
      i.readOperands();
      return move(i, size, i.fieldOperand(size), i.operand(size));
    }
    case 0x8d: {
      i.readOperands();
      const { memoryOperand } = i;
      if (memoryOperand === null) return i.notModelled();
      const size = i.operandSize();
      const to = i.register;
      if (size === 64) return i.done(loadAddress(m, memoryOperand, to), { cycles: 1 });
      const compute = loadAddress(m, memoryOperand, FIRST);
      const set = setter(m, i.fieldOperand(size), size);
      return i.done(
        () => {
          compute();
          set(r[FIRST]);
        },
        { cycles: 1 },
      );
    }
    case 0x8f: {
      i.readOperands();
      if (i.field !== 0) return i.notModelled();
      const to = pairOf(m, i.operand(64), FIRST);
      return i.done(sequence(() => pop(m, to.index), to.store));
    }
    case 0x90:
      if (low === 0) return i.done(() => {});
      break;
    case 0x98: {
      const size = i.operandSize();
      if (size === 64) return i.done(() => signExtend(r, RAX, r[RAX]));
      if (size === 32) return store(i, setter(m, i.registerOperand(0, 32), 32), () => (r[RAX] << 16) >> 16);
      return store(i, setter(m, i.registerOperand(0, 16), 16), () => (r[RAX] << 24) >> 24);
    }
    case 0x99: {
      const size = i.operandSize();
      if (size === 64)
        return i.done(() => {
          r[RDX] = r[RAX + 1] >> 31;
          r[RDX + 1] = r[RDX];
        });
      const get = getter(m, i.registerOperand(0, size), size);
      return store(i, setter(m, i.registerOperand(2, size), size), () => get() >> 31);
    }
    case 0xa4:
    case 0xa5:
    case 0xa6:
    case 0xa7:
    case 0xaa:
    case 0xab:
    case 0xac:
    case 0xad:
    case 0xae:
    case 0xaf:
      return stringInstruction(i);
    case 0xc0:
    case 0xc1:
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3: {
      const size = i.operandSize(isByte);
      i.readOperands(op < 0xd0 ? 1 : 0);
      return shift(i, size, op < 0xd0 ? i.unsigned8() : op < 0xd2 ? 1 : 'cl');
    }
    case 0xc2:
      return returnNear(i, i.signed16() & 0xffff);
    case 0xc3:
      return returnNear(i, 0);
    case 0xc6:
    case 0xc7: {
      const size = i.operandSize(isByte);
      i.readOperands(size === 8 ? 1 : size === 16 ? 2 : 4);
      return i.field === 0 ? moveConstant(i, size, i.operand(size), i.immediate(size)) : i.notModelled();
    }
    case 0xc9:
      return i.done(
        sequence(
          () => {
            r[RSP] = r[RBP];
            r[RSP + 1] = r[RBP + 1];
          },
          () => pop(m, RBP),
        ),
        { cycles: 2 },
      );
    case 0xcc:
      return {
        ...i.done(() => {
          throw new X64Trap('breakpoint');
        }),
        kind: Kind.Branch,
      };
    case 0xe8:
      return callRelative(i, i.signed32());
    case 0xe9:
      return jumpRelative(i, i.signed32());
    case 0xeb:
      return jumpRelative(i, i.signed8());
    case 0xe3: {
      const offset = i.signed8();
      return conditionalJump(i, () => (r[RCX] | r[RCX + 1]) === 0, offset);
    }
    case 0xf5:
      return i.done(() => void (r[CARRY] ^= 1), { readsFlags: true });
    case 0xf8:
    case 0xf9:
      return i.done(() => void (r[CARRY] = op & 1));
    case 0xfc:
      return i.done(() => {});
    case 0xf6:
    case 0xf7:
      return group3(i, i.operandSize(isByte));
    case 0xfe:
    case 0xff:
      return group5(i, i.operandSize(isByte));
  }
  if (op >= 0x50 && op < 0x58) {
    const from = 2 * low;
    return i.done(() => push(m, r[from], r[from + 1]), { kind: Kind.Store, cycles: m.timing.store });
  }
  if (op >= 0x58 && op < 0x60) {
    const to = 2 * low;
    return i.done(() => pop(m, to), { kind: Kind.Load, cycles: m.timing.load });
  }
  if (op >= 0x70 && op < 0x80) {
    const offset = i.signed8();
    return conditionalJump(i, condition(r, op & 15), offset);
  }
  if (op >= 0x90 && op < 0x98) {
    const size = i.operandSize();
    return exchange(i, size, i.registerOperand(0, size), i.registerOperand(low, size));
  }
  if (op >= 0xb0 && op < 0xb8) return moveConstant(i, 8, i.registerOperand(low, 8), i.signed8());
  if (op >= 0xb8 && op < 0xc0) {
    const size = i.operandSize();
    if (size !== 64) return moveConstant(i, size, i.registerOperand(low, size), i.immediate(size));
    const to = 2 * low;
    const lower = i.signed32();
    const upper = i.signed32();
    return i.done(() => {
      r[to] = lower;
      r[to + 1] = upper;
    });
  }
  return i.notModelled();
}

function twoBytes(i: Instruction): X64Decoded {
  const { machine: m, opcode: op } = i;
  const { r } = m;
  const isByte = (op & 1) === 0;
  if (op >= 0x0f40 && op < 0x0f50) {
    const size = i.operandSize();
    i.readOperands();
    return conditionalMove(i, size, condition(r, op & 15));
  }
  if (op >= 0x0f80 && op < 0x0f90) {
    const offset = i.signed32();
    return conditionalJump(i, condition(r, op & 15), offset);
  }
  if (op >= 0x0f90 && op < 0x0fa0) {
    i.readOperands();
    const holds = condition(r, op & 15);
    return { ...store(i, setter(m, i.operand(8), 8), () => (holds() ? 1 : 0)), readsFlags: true };
  }
  if (op >= 0x0fc8 && op < 0x0fd0) return swapBytes(i, 2 * ((op & 7) | ((i.rex & 1) << 3)));
  switch (op) {
    case 0x0f18:
    case 0x0f1e:
    case 0x0f1f:
      // Hints, among them ENDBR64.
      i.readOperands();
      return i.done(() => {}, { cycles: 1 });
    case 0x0fa3:
    case 0x0fab:
    case 0x0fb3:
    case 0x0fbb:
      i.readOperands();
      return bitTest(i, (op >> 3) & 3, null);
    case 0x0fba:
      i.readOperands(1);
      return i.field < 4 ? i.notModelled() : bitTest(i, i.field & 3, i.unsigned8());
    case 0x0fa4:
    case 0x0fa5:
    case 0x0fac:
    case 0x0fad:
      i.readOperands(isByte ? 1 : 0);
      return doubleShift(i, op < 0x0fa8, isByte ? i.unsigned8() : 'cl');
    case 0x0fae:
      i.readOperands();
      // Fences.
      return i.memoryOperand === null && i.field >= 5 ? i.done(() => {}) : i.notModelled();
    case 0x0faf: {
      const size = i.operandSize();
      i.readOperands();
      return multiplyInto(i, size, i.fieldOperand(size), null);
    }
    case 0x0fb0:
    case 0x0fb1:
      i.readOperands();
      return compareExchange(i, i.operandSize(isByte));
    case 0x0fb6:
    case 0x0fb7:
    case 0x0fbe:
    case 0x0fbf: {
      const from: Size = isByte ? 8 : 16;
      i.readOperands();
      return extend(i, from, op >= 0x0fbe);
    }
    case 0x0fb8:
      i.readOperands();
      return i.repeat === 'f3' ? countBits(i) : i.notModelled();
    case 0x0fbc:
    case 0x0fbd:
      i.readOperands();
      return bitScan(i, op === 0x0fbd);
    case 0x0fc0:
    case 0x0fc1:
      i.readOperands();
      return exchangeAdd(i, i.operandSize(isByte));
    default:
      return decodeSse(i);
  }
}

function signExtend(r: Int32Array, to: number, value: number): void {
  r[to] = value;
  r[to + 1] = value >> 31;
}

function store(i: Instruction, set: (value: number) => void, get: () => number): X64Decoded {
  return i.done(() => set(get()));
}

// Moves

function move(i: Instruction, size: Size, to: Operand, from: Operand): X64Decoded {
  const { machine: m } = i;
  const { r, timing } = m;
  const kind = to.kind === 'memory' ? Kind.Store : from.kind === 'memory' ? Kind.Load : Kind.Plain;
  const cycles = kind === Kind.Store ? timing.store : kind === Kind.Load ? timing.load : 1;
  if (size !== 64) {
    const set = setter(m, to, size);
    const get = getter(m, from, size);
    return i.done(() => set(get()), { kind, cycles });
  }
  if (to.kind === 'register' && from.kind === 'register') {
    const d = to.index;
    const s = from.index;
    return i.done(() => {
      r[d] = r[s];
      r[d + 1] = r[s + 1];
    });
  }
  if (to.kind === 'register') return i.done(pairOf(m, from, to.index).load!, { kind, cycles });
  return i.done(pairOf(m, to, from.kind === 'register' ? from.index : FIRST).store!, { kind, cycles });
}

function moveConstant(i: Instruction, size: Size, to: Operand, value: number): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  if (size !== 64) return store(i, setter(m, to, size), () => value);
  const pair = pairOf(m, to, FIRST);
  return i.done(
    sequence(() => signExtend(r, pair.index, value), pair.store),
    { cycles: 1 },
  );
}

function extend(i: Instruction, from: Size, isSigned: boolean): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  const size = i.operandSize();
  const get = getter(m, i.operand(from), from);
  const mask = from === 8 ? 0xff : 0xffff;
  if (size === 64 && isSigned) {
    const to = i.register;
    return i.done(() => signExtend(r, to, get()));
  }
  // Without sign, 64 bits are as 32: the upper half becomes zero.
  const set = setter(m, i.fieldOperand(size === 64 ? 32 : size), size === 64 ? 32 : size);
  return isSigned ? store(i, set, get) : i.done(() => set(get() & mask));
}

function conditionalMove(i: Instruction, size: Size, holds: () => boolean): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  const to = i.register;
  if (size === 64) {
    const from = pairOf(m, i.operand(64), SECOND);
    const move = (): void => {
      if (!holds()) return;
      r[to] = r[from.index];
      r[to + 1] = r[from.index + 1];
    };
    return i.done(sequence(from.load, move), { readsFlags: true });
  }
  const get = getter(m, i.operand(size), size);
  const set = setter(m, i.fieldOperand(size), size);
  const keep = getter(m, i.fieldOperand(size), size);
  // Of 32 bits: the upper half becomes zero, whatever the condition.
  const run = (): void => {
    const value = get();
    set(holds() ? value : keep());
  };
  return i.done(run, { readsFlags: true });
}

function exchange(i: Instruction, size: Size, first: Operand, second: RegisterOperand): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  if (size === 64) {
    const pair = pairOf(m, first, FIRST);
    const { index } = second;
    const swap = (): void => {
      const low = r[pair.index];
      const high = r[pair.index + 1];
      r[pair.index] = r[index];
      r[pair.index + 1] = r[index + 1];
      r[index] = low;
      r[index + 1] = high;
    };
    return i.done(sequence(pair.load, swap, pair.store));
  }
  const get = [getter(m, first, size), getter(m, second, size)];
  const set = [setter(m, first, size), setter(m, second, size)];
  return i.done(() => {
    const value = get[0]();
    set[0](get[1]());
    set[1](value);
  });
}

function exchangeAdd(i: Instruction, size: Size): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  const target = i.operand(size);
  if (size === 64) {
    const pair = pairOf(m, target, FIRST);
    const from = i.register;
    const add = WIDE[Alu.Add](r, SECOND, pair.index);
    const run = (): void => {
      r[SECOND] = r[from];
      r[SECOND + 1] = r[from + 1];
      add();
      r[from] = r[pair.index];
      r[from + 1] = r[pair.index + 1];
      r[pair.index] = r[SECOND];
      r[pair.index + 1] = r[SECOND + 1];
    };
    return i.done(sequence(pair.load, run, pair.store), SETS_FLAGS);
  }
  const get = getter(m, target, size);
  const set = setter(m, target, size);
  const other = i.fieldOperand(size);
  const getOther = getter(m, other, size);
  const setOther = setter(m, other, size);
  const add = NARROW[Alu.Add](r, 32 - size);
  return i.done(() => {
    const value = get();
    const sum = add(value, getOther());
    setOther(value);
    set(sum);
  }, SETS_FLAGS);
}

function compareExchange(i: Instruction, size: Size): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  const target = i.operand(size);
  if (size === 64) {
    const pair = pairOf(m, target, FIRST);
    const from = i.register;
    const compare = WIDE[Alu.Cmp](r, RAX, pair.index);
    const run = (): void => {
      compare();
      const equal = (r[RESULT] | r[RESULT + 1]) === 0;
      const source = equal ? from : pair.index;
      const to = equal ? pair.index : RAX;
      r[to] = r[source];
      r[to + 1] = r[source + 1];
    };
    return i.done(sequence(pair.load, run, pair.store), SETS_FLAGS);
  }
  const get = getter(m, target, size);
  const set = setter(m, target, size);
  const getOther = getter(m, i.fieldOperand(size), size);
  const accumulator = i.registerOperand(0, size);
  const getAccumulator = getter(m, accumulator, size);
  const setAccumulator = setter(m, accumulator, size);
  const compare = NARROW[Alu.Cmp](r, 32 - size);
  return i.done(() => {
    const value = get();
    if (compare(getAccumulator(), value) === 0) set(getOther());
    else setAccumulator(value);
  }, SETS_FLAGS);
}

// Arithmetic

/** The opcodes below 0x40: eight operations in six forms. */
function arithmeticByOpcode(i: Instruction): X64Decoded {
  const { opcode: op } = i;
  const form = op & 7;
  const size = i.operandSize((op & 1) === 0);
  const operation: Alu = op >> 3;
  if (form >= 6) return i.notModelled();
  if (form >= 4) return arithmetic(i, operation, size, i.registerOperand(0, size), i.immediate(size));
  i.readOperands();
  const rm = i.operand(size);
  const register = i.fieldOperand(size);
  return form < 2 ? arithmetic(i, operation, size, rm, register) : arithmetic(i, operation, size, register, rm);
}

function arithmetic(i: Instruction, operation: Alu, size: Size, to: Operand, from: Operand | number): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  const flags = { setsFlags: true, readsFlags: operation === Alu.Adc || operation === Alu.Sbb };
  if (size === 64) {
    const quiet = WIDE_QUIET[operation];
    const source = typeof from === 'number' ? constantPair(m, from, SECOND) : pairOf(m, from, SECOND);
    const target = pairOf(m, to, FIRST);
    return {
      ...i.done(wide(m, WIDE[operation], target, source, operation !== Alu.Cmp), flags),
      ...(quiet === undefined ? {} : { quiet: wide(m, quiet, target, source, true) }),
    };
  }
  const get = getter(m, to, size);
  const source = typeof from === 'number' ? () => from : getter(m, from, size);
  const compute = NARROW[operation](r, 32 - size);
  if (operation === Alu.Cmp) return i.done(() => void compute(get(), source()), flags);
  const set = setter(m, to, size);
  return i.done(() => set(compute(get(), source())), flags);
}

function wide({ r }: X64Machine, operation: WideOperation, target: Pair, source: Pair, stores: boolean): () => void {
  return sequence(target.load, source.load, operation(r, target.index, source.index), stores ? target.store : null);
}

function test(i: Instruction, size: Size, first: Operand, second: Operand | number): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  if (size === 64) {
    const source = typeof second === 'number' ? constantPair(m, second, SECOND) : pairOf(m, second, SECOND);
    return i.done(wide(m, testWide, pairOf(m, first, FIRST), source, false), SETS_FLAGS);
  }
  const get = getter(m, first, size);
  const other = typeof second === 'number' ? () => second : getter(m, second, size);
  return i.done(() => void narrowLogic(r, get() & other()), SETS_FLAGS);
}

/** IMUL with two operands, or with three of which one is a constant. */
function multiplyInto(i: Instruction, size: Size, first: Operand, constant: number | null): X64Decoded {
  const { machine: m } = i;
  const { r, timing } = m;
  const to = i.register;
  const cycles = timing.multiply + (i.memoryOperand === null ? 0 : timing.load - 1);
  if (size === 64) {
    const a = pairOf(m, first, FIRST);
    const b = constant === null ? pairOf(m, i.operand(64), SECOND) : constantPair(m, constant, SECOND);
    const run = sequence(a.load, b.load, () => multiplyFlags(r, to, a.index, b.index));
    return { ...i.done(run, { cycles }), quiet: sequence(a.load, b.load, () => multiplyLow(r, to, a.index, b.index)) };
  }
  const get = getter(m, first, size);
  const other = constant === null ? getter(m, i.operand(size), size) : () => constant;
  const set = setter(m, i.fieldOperand(size), size);
  const unused = 32 - size;
  const run = (): void => {
    const a = get();
    const b = other();
    const product = (Math.imul(a, b) << unused) >> unused;
    r[CARRY] = r[OVERFLOW] = product === a * b ? 0 : 1;
    set(product);
  };
  return i.done(run, { cycles });
}

/** TEST, NOT, NEG, MUL, IMUL, DIV, IDIV with one operand. */
function group3(i: Instruction, size: Size): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  i.readOperands(field => (field > 1 ? 0 : size === 8 ? 1 : size === 16 ? 2 : 4));
  const operand = i.operand(size);
  switch (i.field) {
    case 0:
    case 1:
      return test(i, size, operand, i.immediate(size));
    case 2: {
      if (size === 64) {
        const pair = pairOf(m, operand, FIRST);
        const invert = (): void => {
          r[pair.index] = ~r[pair.index];
          r[pair.index + 1] = ~r[pair.index + 1];
        };
        return i.done(sequence(pair.load, invert, pair.store));
      }
      const get = getter(m, operand, size);
      return store(i, setter(m, operand, size), () => ~get());
    }
    case 3: {
      if (size === 64) {
        const pair = pairOf(m, operand, FIRST);
        const { index } = pair;
        const zero = (): void => {
          r[SECOND] = r[index];
          r[SECOND + 1] = r[index + 1];
          r[index] = 0;
          r[index + 1] = 0;
        };
        return {
          ...i.done(sequence(pair.load, zero, WIDE[Alu.Sub](r, index, SECOND), pair.store), SETS_FLAGS),
          quiet: sequence(pair.load, zero, WIDE_QUIET[Alu.Sub]!(r, index, SECOND), pair.store),
        };
      }
      const get = getter(m, operand, size);
      const set = setter(m, operand, size);
      const subtract = NARROW[Alu.Sub](r, 32 - size);
      return i.done(() => set(subtract(0, get())), SETS_FLAGS);
    }
    case 4:
    case 5:
      return multiplyAccumulator(i, size, operand, i.field === 5);
    default:
      return divideAccumulator(i, size, operand, i.field === 7);
  }
}

function multiplyAccumulator(i: Instruction, size: Size, operand: Operand, isSigned: boolean): X64Decoded {
  const { machine: m } = i;
  const { r, timing } = m;
  const cycles = timing.multiply;
  if (size === 64) {
    const pair = pairOf(m, operand, SECOND);
    return i.done(
      sequence(pair.load, () => multiplyFull(r, pair.index, isSigned)),
      { cycles },
    );
  }
  const get = getter(m, operand, size);
  const unused = 32 - size;
  const value = isSigned ? (v: number) => v : (v: number) => (v << unused) >>> unused;
  const accumulator = getter(m, i.registerOperand(0, size), size);
  const setLow = setter(m, i.registerOperand(0, size === 8 ? 16 : size), size === 8 ? 16 : size);
  const setHigh = size === 8 ? () => {} : setter(m, i.registerOperand(2, size), size);
  const run = (): void => {
    const product = BigInt(value(get())) * BigInt(value(accumulator()));
    const low = Number(BigInt.asIntN(32, product));
    const high = Number(BigInt.asIntN(32, product >> BigInt(size)));
    const kept = isSigned ? BigInt.asIntN(size, product) : BigInt.asUintN(size, product);
    r[CARRY] = r[OVERFLOW] = kept === product ? 0 : 1;
    setLow(low);
    setHigh(high);
  };
  return i.done(run, { cycles });
}

function divideAccumulator(i: Instruction, size: Size, operand: Operand, isSigned: boolean): X64Decoded {
  const { machine: m } = i;
  const { r, timing } = m;
  if (size === 64) {
    const pair = pairOf(m, operand, SECOND);
    return i.done(
      sequence(pair.load, () => divideFull(r, pair.index, isSigned)),
      { cycles: timing.divide },
    );
  }
  const get = getter(m, operand, size);
  const unused = 32 - size;
  const unsigned = (v: number): number => (v << unused) >>> unused;
  const isByte = size === 8;
  const low = getter(m, i.registerOperand(0, isByte ? 16 : size), isByte ? 16 : size);
  const high = isByte ? () => 0 : getter(m, i.registerOperand(2, size), size);
  const setQuotient = setter(m, i.registerOperand(0, size), size);
  const setRest = isByte ? setter(m, { kind: 'register', index: RAX, high: true }, 8) : setter(m, i.registerOperand(2, size), size);
  const limit = 2 ** (size - 1);
  const run = (): void => {
    const given = get();
    const divisor = isSigned ? given : unsigned(given);
    if (divisor === 0) throw new X64Trap('divide');
    const upper = high();
    // Twice 32 bits can be more than a float holds, but then the quotient does not fit as a rule.
    const whole = isByte
      ? BigInt(isSigned ? low() : low() & 0xffff)
      : BigInt(isSigned ? upper : unsigned(upper)) * BigInt(2 ** size) + BigInt(unsigned(low()));
    const by = BigInt(divisor);
    const quotient = Number(whole / by);
    if (isSigned ? quotient < -limit || quotient >= limit : quotient >= 2 * limit) throw new X64Trap('divide');
    setQuotient(quotient | 0);
    setRest(Number(whole % by) | 0);
  };
  return i.done(run, { cycles: timing.divide });
}

/** INC, DEC, CALL, JMP and PUSH with one operand. */
function group5(i: Instruction, size: Size): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  i.readOperands();
  const { field } = i;
  if (field < 2) return increment(i, size, i.operand(size), field === 0 ? Alu.Add : Alu.Sub);
  if (size === 8) return i.notModelled();
  switch (field) {
    case 2:
      return callOperand(i, i.operand(64));
    case 4:
      return jumpOperand(i, i.operand(64));
    case 6: {
      const pair = pairOf(m, i.operand(64), FIRST);
      return i.done(sequence(pair.load, () => push(m, r[pair.index], r[pair.index + 1])));
    }
    default:
      return i.notModelled();
  }
}

/** Leaves the carry as it was. */
function increment(i: Instruction, size: Size, operand: Operand, operation: Alu.Add | Alu.Sub): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  if (size === 64) {
    const pair = pairOf(m, operand, FIRST);
    const one = constantPair(m, 1, SECOND);
    const compute = wide(m, WIDE[operation], pair, one, true);
    const run = (): void => {
      const carry = r[CARRY];
      compute();
      r[CARRY] = carry;
    };
    return { ...i.done(run), quiet: wide(m, WIDE_QUIET[operation]!, pair, one, true) };
  }
  const get = getter(m, operand, size);
  const set = setter(m, operand, size);
  const compute = NARROW[operation](r, 32 - size);
  return i.done(() => {
    const carry = r[CARRY];
    set(compute(get(), 1));
    r[CARRY] = carry;
  });
}

function shift(i: Instruction, size: Size, by: number | 'cl'): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  const operation: Shift = i.field;
  const operand = i.operand(size);
  const mask = size === 64 ? 63 : 31;
  const count =
    by === 'cl'
      ? () => r[RCX] & mask
      : (
          (n: number) => () =>
            n
        )(by & mask);
  if (size === 64) {
    const pair = pairOf(m, operand, FIRST);
    const run = shiftWide(r, operation, pair.index);
    const quiet = shiftWideQuiet(r, operation, pair.index);
    return {
      ...i.done(sequence(pair.load, () => run(count()), pair.store)),
      ...(quiet === undefined ? {} : { quiet: sequence(pair.load, () => quiet(count()), pair.store) }),
    };
  }
  const get = getter(m, operand, size);
  const set = setter(m, operand, size);
  const run = shiftNarrow(r, operation, size);
  return i.done(() => set(run(get(), count())));
}

function doubleShift(i: Instruction, toLeft: boolean, by: number | 'cl'): X64Decoded {
  const { machine: m } = i;
  const { r } = m;
  const size = i.operandSize();
  if (size === 16) return i.notModelled();
  const mask = size === 64 ? 63 : 31;
  const count = by === 'cl' ? () => r[RCX] & mask : () => by & mask;
  const operand = i.operand(size);
  const from = i.register;
  if (size === 64) {
    const pair = pairOf(m, operand, FIRST);
    const run = doubleShiftWide(r, toLeft, pair.index, from);
    return i.done(sequence(pair.load, () => run(count()), pair.store));
  }
  const get = getter(m, operand, 32);
  const set = setter(m, operand, 32);
  const run = doubleShiftNarrow(r, toLeft);
  return i.done(() => set(run(get(), r[from], count())));
}

/** Single bits: tests, scans, counts, and the order of bytes. */
import type { Instruction } from './instruction.ts';
import type { X64Decoded } from './machine.ts';
import { addressOf, getter, type Size, setter } from './operands.ts';
import { CARRY, FIRST, OVERFLOW, PARITY, RESULT } from './state.ts';

/**
 * BT, BTS, BTR, BTC: the flag C is the bit. A register as bit number reaches beyond an operand in memory.
 *
 * @param kind 0 to 3 in the order of the encoding
 * @param constant the bit's number; null: in the register that the field names
 */
export function bitTest(i: Instruction, kind: number, constant: number | null): X64Decoded {
  const { machine: m } = i;
  const { r, bus } = m;
  const size = i.operandSize();
  const mask = size - 1;
  const from = i.register;
  const number = constant === null ? () => r[from] : () => constant & mask;
  const changed = (word: number, bit: number): number => (kind === 1 ? word | bit : kind === 2 ? word & ~bit : word ^ bit);
  const { memoryOperand } = i;
  if (memoryOperand !== null) {
    const at = addressOf(m, memoryOperand);
    // A byte at a time, wherever the bit is.
    return i.done(() => {
      const n = number();
      const address = (at() + (n >> 3)) | 0;
      const byte = bus.read8(address);
      r[CARRY] = (byte >> (n & 7)) & 1;
      if (kind !== 0) bus.write8(address, changed(byte, 1 << (n & 7)) & 0xff);
    });
  }
  const to = 2 * i.second;
  if (size === 64)
    return i.done(() => {
      const n = number() & 63;
      const word = to + (n >> 5);
      r[CARRY] = (r[word] >>> (n & 31)) & 1;
      if (kind !== 0) r[word] = changed(r[word], 1 << (n & 31));
    });
  const get = getter(m, i.operand(size), size);
  const set = setter(m, i.operand(size), size);
  return i.done(() => {
    const n = number() & mask;
    const value = get();
    r[CARRY] = (value >>> n) & 1;
    if (kind !== 0) set(changed(value, 1 << n));
  });
}

/** Reads an operand into the place for operands, its upper bits zero. */
function readUnsigned(i: Instruction, size: Size): () => void {
  const { machine: m } = i;
  const { r, bus } = m;
  if (size === 64) {
    const { memoryOperand } = i;
    if (memoryOperand !== null) {
      const at = addressOf(m, memoryOperand);
      return () => bus.readPair(at(), r, FIRST);
    }
    const from = 2 * i.second;
    return () => {
      r[FIRST] = r[from];
      r[FIRST + 1] = r[from + 1];
    };
  }
  const get = getter(m, i.operand(size), size);
  const mask = size === 16 ? 0xffff : -1;
  return () => {
    r[FIRST] = get() & mask;
    r[FIRST + 1] = 0;
  };
}

const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);

function result(i: Instruction, size: Size): (value: number) => void {
  const { machine: m } = i;
  // Small and without sign: 64 bits are as 32.
  const set = setter(m, i.fieldOperand(size === 64 ? 32 : size), size === 64 ? 32 : size);
  return set;
}

/** BSF and BSR, with the prefix F3 TZCNT and LZCNT. Of 0, the former leave the register alone. */
export function bitScan(i: Instruction, fromTop: boolean): X64Decoded {
  const { r } = i.machine;
  const size = i.operandSize();
  const read = readUnsigned(i, size);
  const set = result(i, size);
  const counts = i.repeat === 'f3';
  const run = (): void => {
    read();
    const low = r[FIRST];
    const high = r[FIRST + 1];
    const zero = (low | high) === 0;
    let position = 0;
    if (!zero)
      position = fromTop ? (high !== 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(low)) : low !== 0 ? lowestBit(low) : 32 + lowestBit(high);
    if (counts) {
      const count = zero ? size : fromTop ? size - 1 - position : position;
      r[CARRY] = zero ? 1 : 0;
      r[RESULT] = count;
      r[RESULT + 1] = 0;
      set(count);
      return;
    }
    r[RESULT] = zero ? 0 : 1;
    r[RESULT + 1] = 0;
    if (!zero) set(position);
  };
  return i.done(run);
}

/** POPCNT */
export function countBits(i: Instruction): X64Decoded {
  const { r } = i.machine;
  const size = i.operandSize();
  const read = readUnsigned(i, size);
  const set = result(i, size);
  const ones = (word: number): number => {
    let v = word - ((word >>> 1) & 0x55555555);
    v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
    return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  };
  const run = (): void => {
    read();
    const count = ones(r[FIRST]) + ones(r[FIRST + 1]);
    r[RESULT] = count;
    r[RESULT + 1] = 0;
    // Odd: the flag P is clear.
    r[PARITY] = 1;
    r[CARRY] = 0;
    r[OVERFLOW] = 0;
    set(count);
  };
  return i.done(run, { setsFlags: true });
}

const swapped = (v: number): number => (v << 24) | ((v & 0xff00) << 8) | ((v >>> 8) & 0xff00) | (v >>> 24);

/** BSWAP */
export function swapBytes(i: Instruction, index: number): X64Decoded {
  const { r } = i.machine;
  if (i.operandSize() === 64)
    return i.done(() => {
      const low = r[index];
      r[index] = swapped(r[index + 1]);
      r[index + 1] = swapped(low);
    });
  return i.done(() => {
    r[index] = swapped(r[index]);
    r[index + 1] = 0;
  });
}

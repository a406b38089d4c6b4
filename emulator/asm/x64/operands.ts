/**
 * Operands of instructions: registers, memory at a computed address, constants. What has 64 bits is worked on as a pair in the register array, in its register or
 * in a place for operands; what is narrower as a number with its sign extended.
 */
import type { X64Machine } from './machine.ts';
import { RSP } from './state.ts';
import { X64Trap } from './trap.ts';

export type Size = 8 | 16 | 32 | 64;

export interface RegisterOperand {
  readonly kind: 'register';
  /** Index of its pair. */
  readonly index: number;
  /** AH, CH, DH, BH. */
  readonly high: boolean;
}
export interface MemoryOperand {
  readonly kind: 'memory';
  /** Index of the pair of the base, and of the index; -1 where there is none. */
  readonly base: number;
  readonly index: number;
  readonly scale: number;
  readonly displacement: number;
}
export type Operand = RegisterOperand | MemoryOperand;

const wild = (address: number): never => {
  throw new X64Trap('address', [], address);
};

/** Computes the address of an operand. Memory is where 32 bits reach. */
export function addressOf({ r }: X64Machine, { base, index, scale, displacement }: MemoryOperand): () => number {
  const value = (at: number): number => r[at + 1] * 4294967296 + (r[at] >>> 0);
  const sum = (): number => {
    const address = (base < 0 ? 0 : value(base)) + (index < 0 ? 0 : value(index) * (1 << scale)) + displacement;
    return address >= 0 && address <= 0xffffffff ? address : wild(address);
  };
  if (base < 0 && index < 0) return () => displacement;
  if (index < 0) return () => (r[base + 1] === 0 ? (r[base] + displacement) | 0 : sum());
  return sum;
}

/** Puts an address into a pair, as a number of 64 bits (LEA). */
export function loadAddress({ r }: X64Machine, { base, index, scale, displacement }: MemoryOperand, d: number): () => void {
  const sign = displacement >> 31;
  return () => {
    let low = displacement;
    let high = sign;
    if (index >= 0) {
      const shifted = r[index] << scale;
      const shiftedHigh = scale === 0 ? r[index + 1] : (r[index + 1] << scale) | (r[index] >>> (32 - scale));
      const sum = (low + shifted) | 0;
      high = high + shiftedHigh + (sum >>> 0 < low >>> 0 ? 1 : 0);
      low = sum;
    }
    if (base >= 0) {
      const sum = (low + r[base]) | 0;
      high = high + r[base + 1] + (sum >>> 0 < low >>> 0 ? 1 : 0);
      low = sum;
    }
    r[d] = low;
    r[d + 1] = high;
  };
}

/** Reads an operand of up to 32 bits. */
export function getter(m: X64Machine, operand: Operand, size: Size): () => number {
  const { r, bus } = m;
  if (operand.kind === 'register') {
    const { index, high } = operand;
    if (size === 32) return () => r[index];
    if (size === 16) return () => (r[index] << 16) >> 16;
    return high ? () => (r[index] << 16) >> 24 : () => (r[index] << 24) >> 24;
  }
  const at = addressOf(m, operand);
  if (size === 32) return () => bus.read32(at());
  return size === 16 ? () => (bus.read16(at()) << 16) >> 16 : () => (bus.read8(at()) << 24) >> 24;
}

/** Writes an operand of up to 32 bits. One of 32 clears the upper half of its register. */
export function setter(m: X64Machine, operand: Operand, size: Size): (value: number) => void {
  const { r, bus } = m;
  if (operand.kind === 'register') {
    const { index, high } = operand;
    if (size === 32)
      return value => {
        r[index] = value;
        r[index + 1] = 0;
      };
    const shift = high ? 8 : 0;
    const mask = size === 16 ? 0xffff : 0xff << shift;
    return value => {
      r[index] = (r[index] & ~mask) | ((value << shift) & mask);
    };
  }
  const at = addressOf(m, operand);
  if (size === 32) return value => bus.write32(at(), value);
  return size === 16 ? value => bus.write16(at(), value & 0xffff) : value => bus.write8(at(), value & 0xff);
}

/** An operand of 64 bits as a pair: where it is, and what brings it there and back. */
export interface Pair {
  readonly index: number;
  readonly load: (() => void) | null;
  readonly store: (() => void) | null;
}

export function pairOf(m: X64Machine, operand: Operand, place: number): Pair {
  if (operand.kind === 'register') return { index: operand.index, load: null, store: null };
  const { r, bus } = m;
  const at = addressOf(m, operand);
  const { base, index, displacement } = operand;
  if (base >= 0 && index < 0)
    // Most accesses are of this kind, to the stack and through tables: without a call for the address.
    return {
      index: place,
      load: () => bus.readPair(r[base + 1] === 0 ? (r[base] + displacement) | 0 : at(), r, place),
      store: () => bus.writePair(r[base + 1] === 0 ? (r[base] + displacement) | 0 : at(), r[place], r[place + 1]),
    };
  return {
    index: place,
    load: () => bus.readPair(at(), r, place),
    store: () => bus.writePair(at(), r[place], r[place + 1]),
  };
}

/** A constant as a pair, its sign extended. */
export function constantPair({ r }: X64Machine, value: number, place: number): Pair {
  const high = value >> 31;
  return {
    index: place,
    load: () => {
      r[place] = value;
      r[place + 1] = high;
    },
    store: null,
  };
}

/** One after the other, without what is not there. */
export function sequence(...steps: readonly ((() => void) | null)[]): () => void {
  const [first, second, third, fourth] = steps.filter(step => step !== null);
  if (second === undefined) return first;
  if (third === undefined)
    return () => {
      first();
      second();
    };
  if (fourth === undefined)
    return () => {
      first();
      second();
      third();
    };
  return () => {
    first();
    second();
    third();
    fourth();
  };
}

/** Puts a pair on the stack. */
export function push({ r, bus }: X64Machine, low: number, high: number): void {
  const to = (r[RSP] - 8) | 0;
  if (r[RSP + 1] !== 0) wild(r[RSP + 1] * 4294967296);
  bus.writePair(to, low, high);
  r[RSP] = to;
}

export function pop({ r, bus }: X64Machine, place: number): void {
  const from = r[RSP];
  if (r[RSP + 1] !== 0) wild(r[RSP + 1] * 4294967296);
  r[RSP] = from + 8;
  bus.readPair(from, r, place);
}

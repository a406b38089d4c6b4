/**
 * Encodes x86-64 instructions (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2), and the sequences that the native emitter is made of; it
 * picks the same encodings as py/asmx64.c of MicroPython 1.27.0.
 */
import { fitsSigned, MachineCode } from './machine-code.ts';

export const RAX = 0;
export const RCX = 1;
export const RDX = 2;
export const RBX = 3;
export const RSP = 4;
export const RBP = 5;
export const RSI = 6;
export const RDI = 7;
export const R12 = 12;
export const R13 = 13;

/** Condition codes of jumps and of SETcc. */
export const CC = {
  below: 2,
  aboveEqual: 3,
  equal: 4,
  notEqual: 5,
  belowEqual: 6,
  above: 7,
  less: 12,
  greaterEqual: 13,
  lessEqual: 14,
  greater: 15,
} as const;

const REX = 0x40;
const REX_W = 0x08;

const WORD_BYTES = 8;

/** Opcodes with the register as source and a register or memory as destination. */
export const OP = { add: 0x01, or: 0x09, and: 0x21, sub: 0x29, xor: 0x31, cmp: 0x39, test: 0x85, mov: 0x89 } as const;

/** Opcodes of loads with zero extension, by size; those of a byte and a half-word have a prefix. */
const LOAD = [0xb6, 0xb7, 0x8b] as const;

export class X64Assembler extends MachineCode {
  private locals = 0;

  private byte(value: number): void {
    this.data(1, value & 0xff);
  }
  private bytesOf(...values: readonly number[]): void {
    for (const value of values) this.byte(value);
  }

  /** The prefix with the upper bits of a register and of a base. */
  private rex(bits: number, register: number, base: number): number {
    return REX | bits | ((register >> 3) << 2) | (base >> 3);
  }

  /** Register and memory operand: `[base + offset]`. */
  private memory(register: number, base: number, offset: number): void {
    const mode = offset === 0 && (base & 7) !== RBP ? 0 : fitsSigned(offset, 8) ? 1 : 2;
    this.byte((mode << 6) | ((register & 7) << 3) | (base & 7));
    // RSP and R12 as a base are written with an index byte.
    if ((base & 7) === RSP) this.byte(0x24);
    if (mode === 1) this.byte(offset);
    else if (mode === 2) this.word(offset);
  }

  private registers(op: number, to: number, from: number): void {
    this.bytesOf(this.rex(REX_W, from, to), op, 0xc0 | ((from & 7) << 3) | (to & 7));
  }

  // Single instructions

  push(register: number): void {
    if (register >= 8) this.byte(REX | 1);
    this.byte(0x50 | (register & 7));
  }
  pop(register: number): void {
    if (register >= 8) this.byte(REX | 1);
    this.byte(0x58 | (register & 7));
  }
  move(rd: number, rs: number): void {
    this.registers(OP.mov, rd, rs);
  }
  alu(op: number, rd: number, rs: number): void {
    this.registers(op, rd, rs);
  }
  /** A shift by CL, or the one-operand group: the operation is in the place of the source. */
  group(op: number, operation: number, rd: number): void {
    this.registers(op, rd, operation);
  }
  multiply(rd: number, rs: number): void {
    this.bytesOf(this.rex(REX_W, rd, rs), 0x0f, 0xaf, 0xc0 | ((rd & 7) << 3) | (rs & 7));
  }
  testByte(register: number): void {
    this.bytesOf(0x84, 0xc0 | (register << 3) | register);
  }
  setIf(cc: number, register: number): void {
    this.bytesOf(0x0f, 0x90 | cc, 0xc0 | register);
  }
  jumpRegister(register: number): void {
    this.bytesOf(0xff, 0xe0 | register);
  }

  load(rd: number, base: number, offset: number): void {
    this.bytesOf(this.rex(REX_W, rd, base), 0x8b);
    this.memory(rd, base, offset);
  }
  store(rs: number, base: number, offset: number): void {
    this.bytesOf(this.rex(REX_W, rs, base), 0x89);
    this.memory(rs, base, offset);
  }
  private loadAddress(rd: number, base: number, offset: number): void {
    this.bytesOf(this.rex(REX_W, rd, base), 0x8d);
    this.memory(rd, base, offset);
  }
  /** Loads one, two or four bytes (size 0, 1, 2), the rest zero. */
  loadNarrow(rd: number, base: number, offset: number, size: 0 | 1 | 2): void {
    if (rd >= 8 || base >= 8) this.byte(this.rex(0, rd, base));
    if (size < 2) this.byte(0x0f);
    this.byte(LOAD[size]);
    this.memory(rd, base, offset);
  }
  storeNarrow(rs: number, base: number, offset: number, size: 0 | 1 | 2): void {
    if (size === 1) this.byte(0x66);
    if (rs >= 8 || base >= 8) this.byte(this.rex(0, rs, base));
    this.byte(size === 0 ? 0x88 : 0x89);
    this.memory(rs, base, offset);
  }

  /** The short form fills the upper half with zeros; there is none for negative numbers. */
  loadImmediate(rd: number, value: number | bigint): void {
    const bits = BigInt.asUintN(64, BigInt(value));
    if (bits >> 32n === 0n) {
      if (rd >= 8) this.byte(REX | 1);
      this.byte(0xb8 | (rd & 7));
      this.data(4, bits);
    } else {
      this.bytesOf(REX | REX_W | (rd >> 3), 0xb8 | (rd & 7));
      this.data(8, bits);
    }
  }

  private subtractFromStack(bytes: number): void {
    const short = fitsSigned(bytes, 8);
    this.bytesOf(REX | REX_W, short ? 0x83 : 0x81, 0xc0 | (5 << 3) | RSP);
    if (short) this.byte(bytes);
    else this.word(bytes);
  }

  // Functions

  entry(locals: number): void {
    for (const register of [RBP, RBX, R12, R13]) this.push(register);
    // An odd number, so that the stack stays at a multiple of sixteen.
    this.locals = locals | 1;
    this.subtractFromStack(this.locals * WORD_BYTES);
  }
  exit(): void {
    this.subtractFromStack(-this.locals * WORD_BYTES);
    for (const register of [R13, R12, RBX, RBP]) this.pop(register);
    this.byte(0xc3);
  }

  /** Calls entry `index` of the runtime's function table. */
  callTable(index: number): void {
    this.load(RAX, RBP, index * WORD_BYTES);
    this.bytesOf(0xff, 0xd0 | RAX);
  }

  // Jumps. Only those that go back can be short, because the distance of others is not known in the first pass.

  private distance(label: number): { distance: number; short: boolean } {
    const to = this.labelOffsets[label];
    const distance = to - this.offset;
    return { distance, short: to !== -1 && distance < 0 && fitsSigned(distance - 2, 8) };
  }
  jump(label: number): void {
    const { distance, short } = this.distance(label);
    if (short) this.bytesOf(0xeb, distance - 2);
    else {
      this.byte(0xe9);
      this.word(distance - 5);
    }
  }
  jumpIf(cc: number, label: number): void {
    const { distance, short } = this.distance(label);
    if (short) this.bytesOf(0x70 | cc, distance - 2);
    else {
      this.bytesOf(0x0f, 0x80 | cc);
      this.word(distance - 6);
    }
  }
  loadLabelAddress(rd: number, label: number): void {
    const distance = this.labelOffsets[label] - (this.offset + 7);
    this.bytesOf(this.rex(REX_W, rd, 0), 0x8d, ((rd & 7) << 3) | 5);
    this.word(distance);
  }

  // Locals, on the stack

  loadLocal(rd: number, local: number): void {
    this.load(rd, RSP, local * WORD_BYTES);
  }
  storeLocal(local: number, rs: number): void {
    this.store(rs, RSP, local * WORD_BYTES);
  }
  loadLocalAddress(rd: number, local: number): void {
    if (local === 0) this.move(rd, RSP);
    else this.loadAddress(rd, RSP, local * WORD_BYTES);
  }
}

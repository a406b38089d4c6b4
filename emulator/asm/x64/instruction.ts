/** The bytes of one instruction: prefixes, opcode, the operands' encoding (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, chapter 2). */
import { Kind } from '../translating-core.ts';
import type { X64Decoded, X64Machine } from './machine.ts';
import type { MemoryOperand, Operand, RegisterOperand, Size } from './operands.ts';
import { X64Trap } from './trap.ts';

const MAX_LENGTH = 15;

export class Instruction {
  /** Prefixes. */
  narrow = false;
  repeat: 'none' | 'f2' | 'f3' = 'none';
  rex = 0;
  /** Opcode; those of two bytes with 0x0f in front, those of three with 0x0f38 or 0x0f3a. */
  opcode = 0;
  private modrm = 0;
  private memory: MemoryOperand | null = null;
  private readonly bytes: number[] = [];

  constructor(
    readonly machine: X64Machine,
    private readonly start: number,
  ) {
    this.readOpcode();
  }

  get size(): number {
    return this.bytes.length;
  }
  /** Address of what follows, as far as has been read. */
  get next(): number {
    return (this.start + this.bytes.length) | 0;
  }

  private byte(): number {
    if (this.bytes.length >= MAX_LENGTH) throw new X64Trap('undefined', this.bytes);
    const byte = this.machine.bus.fetch8(this.next);
    this.bytes.push(byte);
    return byte;
  }

  private readOpcode(): void {
    for (;;) {
      const byte = this.byte();
      if (byte === 0x66) this.narrow = true;
      else if (byte === 0xf2) this.repeat = 'f2';
      else if (byte === 0xf3) this.repeat = 'f3';
      // Segments other than FS and GS have no meaning in 64-bit mode; LOCK has none on one processor.
      else if (byte === 0x2e || byte === 0x36 || byte === 0x3e || byte === 0x26 || byte === 0xf0) continue;
      else {
        this.opcode = byte;
        break;
      }
    }
    if ((this.opcode & 0xf0) === 0x40) {
      this.rex = this.opcode;
      this.opcode = this.byte();
    }
    if (this.opcode !== 0x0f) return;
    this.opcode = 0x0f00 | this.byte();
    if (this.opcode === 0x0f38 || this.opcode === 0x0f3a) this.opcode = (this.opcode << 8) | this.byte();
  }

  /** Of the operand: 8 bits where the opcode says so. */
  operandSize(isByte = false): Size {
    if (isByte) return 8;
    return this.rex & 8 ? 64 : this.narrow ? 16 : 32;
  }

  signed8(): number {
    return (this.byte() << 24) >> 24;
  }
  unsigned8(): number {
    return this.byte();
  }
  signed16(): number {
    return ((this.byte() | (this.byte() << 8)) << 16) >> 16;
  }
  signed32(): number {
    return this.byte() | (this.byte() << 8) | (this.byte() << 16) | (this.byte() << 24);
  }
  /** A constant of the operand's size; 64 bits have 32, with the sign extended. */
  immediate(size: Size): number {
    return size === 8 ? this.signed8() : size === 16 ? this.signed16() : this.signed32();
  }

  /** Reads the byte that names two operands, and what belongs to it. `immediateBytes` follow it: addresses relative to the next instruction need to know. */
  readOperands(immediateBytes: number | ((field: number) => number) = 0): void {
    this.modrm = this.byte();
    const behind = typeof immediateBytes === 'number' ? immediateBytes : immediateBytes(this.field);
    if (this.modrm >> 6 === 3) return;
    const mode = this.modrm >> 6;
    const rm = this.modrm & 7;
    let base = rm | ((this.rex & 1) << 3);
    let index = -1;
    let scale = 0;
    if (rm === 4) {
      const sib = this.byte();
      index = ((sib >> 3) & 7) | ((this.rex & 2) << 2);
      if (index === 4) index = -1;
      scale = sib >> 6;
      base = (sib & 7) | ((this.rex & 1) << 3);
      if ((sib & 7) === 5 && mode === 0) base = -1;
    }
    const relative = mode === 0 && rm === 5;
    let displacement = mode === 1 ? this.signed8() : mode === 2 || relative || base < 0 ? this.signed32() : 0;
    if (relative) {
      base = -1;
      displacement = (this.next + behind + displacement) | 0;
    }
    this.memory = { kind: 'memory', base: base < 0 ? -1 : 2 * base, index: index < 0 ? -1 : 2 * index, scale, displacement };
  }

  /** The field that names a register, or an operation. */
  get field(): number {
    return (this.modrm >> 3) & 7;
  }
  /** Index of the pair of the register that the field names. */
  get register(): number {
    return 2 * (this.field | ((this.rex & 4) << 1));
  }
  /** Number of the SSE register that the field names. */
  get xmm(): number {
    return this.register >> 1;
  }
  /** The register or memory operand. */
  operand(size: Size): Operand {
    if (this.memory !== null) return this.memory;
    return this.registerOperand((this.modrm & 7) | ((this.rex & 1) << 3), size);
  }
  get memoryOperand(): MemoryOperand | null {
    return this.memory;
  }
  /** Number of the second register, where the operand is one. */
  get second(): number {
    return (this.modrm & 7) | ((this.rex & 1) << 3);
  }
  fieldOperand(size: Size): RegisterOperand {
    return this.registerOperand(this.register >> 1, size);
  }
  registerOperand(number: number, size: Size): RegisterOperand {
    // Without a REX prefix the numbers 4 to 7 name the second bytes of the first four registers.
    if (size === 8 && this.rex === 0 && number >= 4) return { kind: 'register', index: 2 * (number - 4), high: true };
    return { kind: 'register', index: 2 * number, high: false };
  }

  // What an instruction becomes

  done(run: () => void, more: Partial<X64Decoded> = {}): X64Decoded {
    return { run, size: this.size, cycles: 1 + this.memoryCycles(), kind: Kind.Plain, ...more };
  }
  private memoryCycles(): number {
    return this.memory === null ? 0 : this.machine.timing.load - 1;
  }

  /** Says so when execution gets there. */
  notModelled(): X64Decoded {
    const code = [...this.bytes];
    const run = (): void => {
      throw new X64Trap('undefined', code);
    };
    return { run, size: this.size, cycles: 1, kind: Kind.Branch };
  }
}

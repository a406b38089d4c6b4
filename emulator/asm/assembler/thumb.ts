/**
 * Encodes Thumb instructions, and the sequences that the native emitter is made of; it picks the same encodings as py/asmthumb.c of MicroPython 1.27.0.
 * ARMv6-M has none of the 32-bit instructions but BL, and gets longer sequences.
 */
import { fitsSigned, fitsUnsigned, MachineCode } from './machine-code.ts';

/** Architecture numbers of the `.mpy` format (py/persistentcode.h). */
export enum Arch {
  None = 0,
  X86 = 1,
  X64 = 2,
  Armv6 = 3,
  Armv6m = 4,
  Armv7m = 5,
  Armv7em = 6,
  Armv7emSp = 7,
  Armv7emDp = 8,
  Xtensa = 9,
  XtensaWin = 10,
  Rv32imc = 11,
  Rv64imc = 12,
}

/** Condition codes. */
export const EQ = 0;
export const NE = 1;
export const CONDITION_NAMES = ['eq', 'ne', 'cs', 'cc', 'mi', 'pl', 'vs', 'vc', 'hi', 'ls', 'ge', 'lt', 'gt', 'le'] as const;

/** Two-operand instructions on low registers, as the opcode with both registers 0. */
export const ALU = {
  and: 0x4000,
  eor: 0x4040,
  lsl: 0x4080,
  lsr: 0x40c0,
  asr: 0x4100,
  adc: 0x4140,
  sbc: 0x4180,
  ror: 0x41c0,
  tst: 0x4200,
  neg: 0x4240,
  cmp: 0x4280,
  cmn: 0x42c0,
  orr: 0x4300,
  mul: 0x4340,
  bic: 0x4380,
  mvn: 0x43c0,
} as const;

export const MOVW = 0xf240;
export const MOVT = 0xf2c0;
const NOP = 0xbf00;
const SP = 13;
const PC = 15;

/** Native code keeps the address of the runtime's function table here. */
export const FUN_TABLE = 7;

export class ThumbAssembler extends MachineCode {
  readonly hasThumb2: boolean;
  private pushed = 0;
  private stackWords = 0;

  constructor(
    maxLabels: number,
    readonly arch: Arch,
    /** Raised when a local is out of reach of SP-relative addressing. */
    private readonly tooManyLocals: () => void = () => {},
  ) {
    super(maxLabels);
    this.hasThumb2 = arch >= Arch.Armv7m && arch <= Arch.Armv7emDp;
  }

  op16(op: number): void {
    this.halfword(op);
  }
  op32(first: number, second: number): void {
    this.halfword(first);
    this.halfword(second);
  }

  /** Saves registers and makes room for locals at the stack pointer, which stays a multiple of eight. */
  entry(locals: number): void {
    if (this.arch === Arch.Armv6) {
      // The caller is in ARM state: an ARM veneer calls the Thumb code behind it.
      for (const [low, high] of [
        [0x4010, 0xe92d],
        [0xe009, 0xe28f],
        [0xff3e, 0xe12f],
        [0x4010, 0xe8bd],
        [0xff1e, 0xe12f],
      ])
        this.op32(low, high);
    }
    // R1 to R3 are pushed for the room they take.
    this.pushed = locals <= 1 ? 0xf2 : 0xfe;
    this.stackWords = locals <= 3 ? 0 : (locals - 3 + 1) & ~1;
    this.op16(0xb500 | this.pushed);
    this.moveStack(0xb080, 0xf2ad);
  }

  exit(): void {
    this.moveStack(0xb000, 0xf20d);
    this.op16(0xbd00 | this.pushed);
  }

  private moveStack(narrow: number, wide: number): void {
    let words = this.stackWords;
    if (words === 0) return;
    if (this.hasThumb2 && !fitsUnsigned(words, 7)) {
      const bytes = words * 4;
      this.op32(wide, ((bytes << 4) & 0x7000) | (SP << 8) | (bytes & 0xff));
      return;
    }
    for (; words > 127; words -= 127) this.op16(narrow | 127);
    this.op16(narrow | words);
  }

  alu(op: number, rd: number, rm: number): void {
    this.op16(op | (rm << 3) | rd);
  }
  /** `shift` is 0 for LSL, 1 for LSR, 2 for ASR. */
  shiftImmediate(shift: number, rd: number, rm: number, amount: number): void {
    this.op16((shift << 11) | (amount << 6) | (rm << 3) | rd);
  }
  add(rd: number, rn: number, rm: number): void {
    this.op16(0x1800 | (rm << 6) | (rn << 3) | rd);
  }
  sub(rd: number, rn: number, rm: number): void {
    this.op16(0x1a00 | (rm << 6) | (rn << 3) | rd);
  }
  moveImmediate8(rd: number, value: number): void {
    this.op16(0x2000 | (rd << 8) | value);
  }
  compareImmediate8(rn: number, value: number): void {
    this.op16(0x2800 | (rn << 8) | value);
  }
  addImmediate8(rd: number, value: number): void {
    this.op16(0x3000 | (rd << 8) | value);
  }
  signExtendHalfword(rd: number, rm: number): void {
    this.op16(0xb200 | (rm << 3) | rd);
  }
  addHigh(rd: number, rm: number): void {
    this.op16(0x4400 | ((rd << 4) & 0x80) | (rm << 3) | (rd & 7));
  }
  bx(rm: number): void {
    this.op16(0x4700 | (rm << 3));
  }
  move(rd: number, rm: number): void {
    this.op16(0x4600 | ((rd << 4) & 0x80) | (rm << 3) | (rd & 7));
  }
  /** MOVW or MOVT. */
  move16(op: number, rd: number, value: number): void {
    this.op32(op | ((value >> 1) & 0x0400) | ((value >> 12) & 15), ((value << 4) & 0x7000) | (rd << 8) | (value & 0xff));
  }
  itBlock(cc: number, mask: number): void {
    this.op16(NOP | (cc << 4) | mask);
  }
  /** Load or store with a register offset, on low registers; `op` with all three 0. */
  loadStoreIndexed(op: number, rt: number, rn: number, rm: number): void {
    this.op16(op | (rm << 6) | (rn << 3) | rt);
  }

  // Branches to labels. Those of the inline assembler say whether the target is in reach.

  private distance(label: number): number {
    // The PC is four bytes ahead of the instruction.
    return this.labelOffsets[label] - this.offset - 4;
  }

  branchNarrow(label: number): boolean {
    const distance = this.distance(label);
    this.op16(0xe000 | ((distance >> 1) & 0x7ff));
    return !this.emitting || fitsSigned(distance, 12);
  }

  branchIf(cc: number, label: number, wide: boolean): boolean {
    const distance = this.distance(label);
    if (wide) {
      this.wideBranchIf(cc, distance);
      return true;
    }
    this.op16(0xd000 | (cc << 8) | ((distance >> 1) & 0xff));
    return !this.emitting || fitsSigned(distance, 9);
  }

  private wideBranchIf(cc: number, distance: number): void {
    this.op32(
      0xf000 | (cc << 6) | ((distance >> 10) & 0x0400) | ((distance >> 12) & 0x3f),
      0x8000 | ((distance >> 5) & 0x2000) | ((distance >> 8) & 0x0800) | ((distance >> 1) & 0x7ff),
    );
  }

  branchLink(label: number): boolean {
    const distance = this.distance(label);
    this.op32(0xf000 | ((distance >> 12) & 0x7ff), 0xf800 | ((distance >> 1) & 0x7ff));
    return !this.emitting || fitsSigned(distance, 23);
  }

  /** A jump whose length is known only when it goes back. On ARMv6-M it may use R1. */
  jump(label: number): void {
    const distance = this.distance(label);
    if (this.labelOffsets[label] !== -1 && distance <= -4 && fitsSigned(distance, 12)) {
      this.op16(0xe000 | ((distance >> 1) & 0x7ff));
      return;
    }
    if (this.hasThumb2) {
      this.op32(0xf000 | ((distance >> 12) & 0x7ff), 0xb800 | ((distance >> 1) & 0x7ff));
      return;
    }
    // Always the same size: a narrow branch and padding, or a load of the distance from behind the jump.
    const odd = (this.offset & 2) !== 0;
    if (fitsSigned(distance, 12)) {
      this.op16(0xe000 | ((distance >> 1) & 0x7ff));
      for (let i = odd ? 4 : 3; i > 0; i--) this.op16(NOP);
      return;
    }
    if (odd) this.op16(NOP);
    const fromAdd = distance - (odd ? 4 : 2);
    this.op16(0x4800 | (1 << 8));
    this.addHigh(PC, 1);
    this.op16(fromAdd & 0xffff);
    this.op16((fromAdd >> 16) & 0xffff);
  }

  jumpIf(cc: number, label: number): void {
    const distance = this.distance(label);
    if (this.labelOffsets[label] !== -1 && distance <= -4 && fitsSigned(distance, 9)) {
      this.op16(0xd000 | (cc << 8) | ((distance >> 1) & 0xff));
      return;
    }
    if (this.hasThumb2) {
      this.wideBranchIf(cc, distance);
      return;
    }
    // The opposite condition branches over a long jump, whose size is known behind it.
    const start = this.offset;
    this.op16(0);
    this.jump(label);
    const skip = this.offset - start - 4;
    if (this.emitting && !this.suppressed) {
      const op = 0xd000 | ((cc ^ 1) << 8) | ((skip >> 1) & 0xff);
      this.bytes[start] = op;
      this.bytes[start + 1] = op >> 8;
    }
  }

  /** Over the `distance` bytes that start here. */
  branchForwardIf(cc: number, distance: number): void {
    this.op16(0xd000 | (cc << 8) | (((distance - 4) >> 1) & 0xff));
  }
  branchForward(distance: number): void {
    this.op16(0xe000 | (((distance - 4) >> 1) & 0x7ff));
  }

  // Sequences

  /** MOVW and MOVT, or a load from behind a branch. */
  loadWord(rd: number, value: number): void {
    if (this.hasThumb2) {
      this.move16(MOVW, rd, value);
      this.move16(MOVT, rd, value >> 16);
      return;
    }
    if (this.offset & 2) this.op16(NOP);
    this.op16(0x4800 | (rd << 8));
    this.op16(0xe001);
    this.op16(value & 0xffff);
    this.op16((value >> 16) & 0xffff);
  }

  /** The shortest way to a constant. */
  loadImmediate(rd: number, value: number): void {
    if (rd < 8 && fitsUnsigned(value, 8)) {
      this.moveImmediate8(rd, value);
      return;
    }
    if (this.hasThumb2) {
      if (fitsUnsigned(value, 16)) this.move16(MOVW, rd, value);
      else this.loadWord(rd, value);
      return;
    }
    const negate = value < 0 && value << 1 !== 0;
    const magnitude = negate ? -value : value;
    const trailing = magnitude === 0 ? 0 : 31 - Math.clz32(magnitude & -magnitude);
    if (Math.clz32(magnitude) + trailing >= 24) {
      this.moveImmediate8(rd, (magnitude >> trailing) & 0xff);
      this.shiftImmediate(0, rd, rd, trailing);
    } else if (fitsUnsigned(magnitude, 16)) {
      this.load16Short(rd, magnitude);
    } else {
      this.loadWord(rd, value);
      return;
    }
    if (negate) this.alu(ALU.neg, rd, rd);
  }

  private load16Short(rd: number, value: number): void {
    this.moveImmediate8(rd, (value >> 8) & 0xff);
    this.shiftImmediate(0, rd, rd, 8);
    this.addImmediate8(rd, value & 0xff);
  }

  private checkLocal(index: number): void {
    if (this.emitting && !fitsUnsigned(index, 8)) this.tooManyLocals();
  }
  storeLocal(local: number, rt: number): void {
    this.checkLocal(local);
    this.op16(0x9000 | (rt << 8) | (local & 0xff));
  }
  loadLocal(rt: number, local: number): void {
    this.checkLocal(local);
    this.op16(0x9800 | (rt << 8) | (local & 0xff));
  }
  loadLocalAddress(rd: number, local: number): void {
    this.op16(0xa800 | (rd << 8) | (local & 0xff));
  }

  /** Address of a label, with the Thumb bit. */
  loadLabelAddress(rd: number, label: number): void {
    const distance = (this.labelOffsets[label] - this.offset) | 1;
    if (this.hasThumb2) this.move16(MOVW, rd, distance - 10);
    else this.load16Short(rd, distance - 12);
    this.signExtendHalfword(rd, rd);
    this.addHigh(rd, PC);
  }

  /** rd = rn + (offset << scale), low registers. */
  private addOffset(rd: number, rn: number, offset: number, scale: number): void {
    const bytes = offset << scale;
    if (bytes >>> 0 < 256) {
      if (rd !== rn) this.move(rd, rn);
      this.addImmediate8(rd, bytes);
    } else if (fitsUnsigned(offset, 8) && rd !== rn) {
      this.moveImmediate8(rd, offset);
      this.shiftImmediate(0, rd, rd, scale);
      this.add(rd, rd, rn);
    } else if (rd !== rn) {
      this.loadImmediate(rd, bytes);
      this.add(rd, rd, rn);
    } else {
      const other = rd ^ 7;
      this.op16(0xb400 | (1 << other));
      this.loadImmediate(other, bytes);
      this.add(rd, rd, other);
      this.op16(0xbc00 | (1 << other));
    }
  }

  /** Loads from rn + (offset << size); size is 0 for bytes, 1 for half-words, 2 for words. */
  loadOffset(rt: number, rn: number, offset: number, size: number): void {
    const narrow = (IMMEDIATE_OFFSET[size] | 1) << 11;
    if (fitsUnsigned(offset, 5) && rt < 8 && rn < 8) {
      this.op16(narrow | (offset << 6) | (rn << 3) | rt);
    } else if (this.hasThumb2 && fitsUnsigned(offset << size, 12)) {
      this.op32(0xf890 | (size << 5) | rn, (rt << 12) | (offset << size));
    } else {
      this.addOffset(rt, rn, offset - 31, size);
      this.op16(narrow | (31 << 6) | (rt << 3) | rt);
    }
  }

  storeOffset(rt: number, rn: number, offset: number, size: number): void {
    const narrow = IMMEDIATE_OFFSET[size] << 11;
    if (fitsUnsigned(offset, 5) && rt < 8 && rn < 8) {
      this.op16(narrow | (offset << 6) | (rn << 3) | rt);
    } else if (this.hasThumb2 && fitsUnsigned(offset << size, 12)) {
      this.op32(0xf880 | (size << 5) | rn, (rt << 12) | (offset << size));
    } else {
      this.op16(0xb400 | (1 << rn));
      this.addOffset(rn, rn, offset - 31, size);
      this.op16(narrow | (31 << 6) | (rn << 3) | rt);
      this.op16(0xbc00 | (1 << rn));
    }
  }

  /** Calls entry `index` of the runtime's function table through a low register. */
  callTable(index: number, through = 3): void {
    this.loadOffset(through, FUN_TABLE, index, 2);
    this.op16(0x4780 | (through << 3));
  }
}

/** Upper five bits of the stores with an immediate offset, by size. */
const IMMEDIATE_OFFSET = [0x0e, 0x10, 0x0c] as const;

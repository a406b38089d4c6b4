/**
 * Encodes RV32IMC instructions (The RISC-V Instruction Set Manual, volume I), and the sequences that the native emitter is made of; it picks the same encodings as
 * py/asmrv32.c of MicroPython 1.27.0.
 */
import { fitsSigned, fitsUnsigned, MachineCode } from './machine-code.ts';

export const ZERO = 0;
export const RA = 1;
export const STACK = 2;
export const T1 = 6;
export const T2 = 7;
export const S0 = 8;
export const S1 = 9;
export const A0 = 10;
export const T3 = 28;

/** Extension Zba, as in the flags of a `.mpy`. */
export const EXTENSION_ZBA = 1;

/** Registers that the compressed instructions with three-bit fields can name. */
export const inWindow = (register: number): boolean => register >= 8 && register <= 15;
const window = (register: number): number => register - 8;

// Instruction formats: the opcode with all fields.

export const typeR = (op: number, funct3: number, funct7: number, rd: number, rs1: number, rs2: number): number =>
  op | (rd << 7) | (funct3 << 12) | (rs1 << 15) | (rs2 << 20) | (funct7 << 25);
export const typeI = (op: number, funct3: number, rd: number, rs1: number, immediate: number): number =>
  op | (rd << 7) | (funct3 << 12) | (rs1 << 15) | ((immediate & 0xfff) << 20);
export const typeS = (op: number, funct3: number, rs1: number, rs2: number, immediate: number): number =>
  op | ((immediate & 0x1f) << 7) | (funct3 << 12) | (rs1 << 15) | (rs2 << 20) | ((immediate & 0xfe0) << 20);
export const typeB = (op: number, funct3: number, rs1: number, rs2: number, immediate: number): number =>
  op |
  ((immediate & 0x800) >> 4) |
  ((immediate & 0x1e) << 7) |
  (funct3 << 12) |
  (rs1 << 15) |
  (rs2 << 20) |
  ((immediate & 0x7e0) << 20) |
  ((immediate & 0x1000) << 19);
export const typeU = (op: number, rd: number, immediate: number): number => op | (rd << 7) | (immediate & 0xfffff000);
export const typeJ = (op: number, rd: number, immediate: number): number =>
  op | (rd << 7) | (immediate & 0xff000) | ((immediate & 0x800) << 9) | ((immediate & 0x7fe) << 20) | ((immediate & 0x100000) << 11);
/** Two compressed registers, of whose numbers the reference encodes the lower two bits only. */
export const typeCA = (funct6: number, funct2: number, rd: number, rs2: number): number =>
  0x01 | ((rs2 & 3) << 2) | (funct2 << 5) | ((rd & 3) << 7) | (funct6 << 10);
export const typeCB = (funct3: number, rs1: number, immediate: number): number =>
  0x01 | ((immediate & 0x1f) << 2) | ((rs1 & 7) << 7) | ((immediate & 0xe0) << 5) | (funct3 << 13);
export const typeCI = (op: number, funct3: number, rd: number, immediate: number): number =>
  op | ((immediate & 0x1f) << 2) | (rd << 7) | ((immediate & 0x20) << 7) | (funct3 << 13);
export const typeCJ = (funct3: number, immediate: number): number =>
  0x01 |
  ((immediate & 0x0e) << 2) |
  ((immediate & 0x300) << 1) |
  ((immediate & 0x800) << 1) |
  ((immediate & 0x400) >> 2) |
  ((immediate & 0x80) >> 1) |
  ((immediate & 0x40) << 1) |
  ((immediate & 0x20) >> 3) |
  ((immediate & 0x10) << 7) |
  (funct3 << 13);
export const typeCL = (funct3: number, rd: number, rs1: number, immediate: number): number =>
  ((rd & 7) << 2) | ((rs1 & 7) << 7) | ((immediate & 0x40) >> 1) | ((immediate & 0x38) << 7) | ((immediate & 0x04) << 4) | (funct3 << 13);
export const typeCR = (funct4: number, rs1: number, rs2: number): number => 0x02 | (rs2 << 2) | (rs1 << 7) | (funct4 << 12);

const branchOffset = (offset: number): number =>
  ((offset & 0x100) >> 1) | ((offset & 0xc0) >> 3) | ((offset & 0x20) >> 5) | ((offset & 0x18) << 2) | (offset & 0x06);
const stackOffset = (offset: number): number => ((offset & 0xc0) >> 6) | (offset & 0x3c);

/** Funct3 of the unsigned loads, by size. */
const LOAD_FUNCT3 = [4, 5, 2] as const;

export class Rv32Assembler extends MachineCode {
  private saved = 0;
  private locals = 0;
  private stackSize = 0;
  private localsOffset = 0;

  constructor(
    maxLabels: number,
    readonly extensions: number,
  ) {
    super(maxLabels);
  }

  // Single instructions

  add(rd: number, rs1: number, rs2: number): void {
    this.word(typeR(0x33, 0, 0, rd, rs1, rs2));
  }
  sub(rd: number, rs1: number, rs2: number): void {
    this.word(typeR(0x33, 0, 0x20, rd, rs1, rs2));
  }
  addi(rd: number, rs1: number, immediate: number): void {
    this.word(typeI(0x13, 0, rd, rs1, immediate));
  }
  xori(rd: number, rs1: number, immediate: number): void {
    this.word(typeI(0x13, 4, rd, rs1, immediate));
  }
  sltiu(rd: number, rs1: number, immediate: number): void {
    this.word(typeI(0x13, 3, rd, rs1, immediate));
  }
  register(funct3: number, funct7: number, rd: number, rs1: number, rs2: number): void {
    this.word(typeR(0x33, funct3, funct7, rd, rs1, rs2));
  }
  lui(rd: number, immediate: number): void {
    this.word(typeU(0x37, rd, immediate));
  }
  auipc(rd: number, immediate: number): void {
    this.word(typeU(0x17, rd, immediate));
  }
  jalr(rd: number, rs1: number, immediate: number): void {
    this.word(typeI(0x67, 0, rd, rs1, immediate));
  }
  lw(rd: number, rs1: number, offset: number): void {
    this.word(typeI(0x03, 2, rd, rs1, offset));
  }
  sw(rs2: number, rs1: number, offset: number): void {
    this.word(typeS(0x23, 2, rs1, rs2, offset));
  }
  compressedAdd(rd: number, rs2: number): void {
    this.halfword(typeCR(9, rd, rs2));
  }
  compressedAddi(rd: number, immediate: number): void {
    this.halfword(typeCI(1, 0, rd, immediate));
  }
  compressedMove(rd: number, rs2: number): void {
    this.halfword(typeCR(8, rd, rs2));
  }
  compressedLi(rd: number, immediate: number): void {
    this.halfword(typeCI(1, 2, rd, immediate));
  }
  compressedLui(rd: number, immediate: number): void {
    this.halfword(typeCI(1, 3, rd, immediate >> 12));
  }
  compressedSlli(rd: number, amount: number): void {
    this.halfword(typeCI(2, 0, rd, amount));
  }
  compressedJr(rs1: number): void {
    this.halfword(typeCR(8, rs1, 0));
  }
  compressedJalr(rs1: number): void {
    this.halfword(typeCR(9, rs1, 0));
  }
  /** With the register's number in the window. */
  compressedBranch(onZero: boolean, rs1: number, offset: number): void {
    this.halfword(typeCB(onZero ? 6 : 7, rs1, branchOffset(offset)));
  }
  compressedLw(rd: number, rs1: number, offset: number): void {
    this.halfword(typeCL(2, rd, rs1, offset));
  }
  compressedSw(rs2: number, rs1: number, offset: number): void {
    this.halfword(typeCL(6, rs2, rs1, offset));
  }
  compressedLwsp(rd: number, offset: number): void {
    this.halfword(typeCI(2, 2, rd, stackOffset(offset)));
  }
  compressedSwsp(rs2: number, offset: number): void {
    this.halfword(0x02 | (rs2 << 2) | (stackOffset(offset) << 7) | (6 << 13));
  }
  compressedAddi4spn(rd: number, immediate: number): void {
    this.halfword(
      ((rd & 7) << 2) | ((immediate & 0x3c0) << 1) | ((immediate & 0x30) << 7) | ((immediate & 0x08) << 2) | ((immediate & 0x04) << 4),
    );
  }

  // Constants

  private split(value: number): { upper: number; lower: number } {
    const lower = value & 0xfff;
    return { upper: ((value & 0xfffff000) + (lower & 0x800 ? 0x1000 : 0)) | 0, lower };
  }
  private loadUpper(rd: number, upper: number): void {
    if (fitsSigned(upper, 17) && upper >> 12 !== 0) this.compressedLui(rd, upper);
    else this.lui(rd, upper);
  }
  private loadFull(rd: number, value: number): void {
    const { upper, lower } = this.split(value);
    this.loadUpper(rd, upper);
    // The lower half is not sign-extended here, so only small positive ones take the short form.
    if (lower === 0) return;
    if (fitsSigned(lower, 6)) this.compressedAddi(rd, lower);
    else this.addi(rd, rd, lower);
  }
  loadImmediate(rd: number, value: number): void {
    if (fitsSigned(value, 6)) this.compressedLi(rd, value);
    else if (fitsSigned(value, 12)) this.addi(rd, ZERO, value);
    else this.loadFull(rd, value);
  }
  /** AUIPC and ADDI: always the same size. */
  loadAddress(rd: number, distance: number): void {
    const { upper, lower } = this.split(distance);
    this.auipc(rd, upper);
    this.addi(rd, rd, lower);
  }

  // Functions

  entry(locals: number): void {
    // The function table and the three registers for locals.
    this.saved |= (1 << S1) | (1 << 19) | (1 << 20) | (1 << 21);
    this.locals = locals;
    const count = this.savedRegisters().length;
    this.stackSize = (count + this.locals) * 4;
    this.moveStack(-this.stackSize);
    this.savedRegisters().forEach((register, i) => {
      this.compressedSwsp(register, 4 * i);
    });
    this.localsOffset = count * 4;
  }
  exit(): void {
    this.savedRegisters().forEach((register, i) => {
      this.compressedLwsp(register, 4 * i);
    });
    this.moveStack(this.stackSize);
    this.compressedJr(RA);
  }
  private savedRegisters(): number[] {
    return Array.from({ length: 32 }, (_, n) => n).filter(n => this.saved & (1 << n));
  }
  private moveStack(bytes: number): void {
    if (bytes === 0) return;
    if (fitsSigned(bytes, 6)) this.compressedAddi(STACK, bytes);
    else if (fitsSigned(bytes, 12)) this.addi(STACK, STACK, bytes);
    else {
      this.loadFull(T1, bytes);
      this.compressedAdd(STACK, T1);
    }
  }

  /** Calls entry `index` of the runtime's function table. */
  callTable(index: number): void {
    const offset = index * 4;
    this.saved |= 1 << RA;
    if (fitsUnsigned(offset, 6)) {
      this.saved |= 1 << S0;
      this.compressedLw(window(S0), window(S1), offset);
      this.compressedJalr(S0);
    } else if (fitsUnsigned(offset, 11)) {
      this.lw(T3, S1, offset);
      this.compressedJalr(T3);
    } else {
      const { upper, lower } = this.split(offset);
      this.loadUpper(T3, upper);
      this.compressedAdd(T3, S1);
      this.lw(T3, T3, lower);
      this.compressedJalr(T3);
    }
  }

  // Jumps. Only those that go back can be short, because the distance of others is not known in the first pass.

  private distance(label: number): { distance: number; back: boolean } {
    const distance = this.labelOffsets[label] - this.offset;
    return { distance, back: this.labelOffsets[label] !== -1 && distance < 0 };
  }
  private far(distance: number): void {
    const { upper, lower } = this.split(distance);
    this.auipc(T3, upper);
    this.jalr(ZERO, T3, lower);
  }
  jump(label: number): void {
    const { distance, back } = this.distance(label);
    if (back && fitsSigned(distance, 12)) this.halfword(typeCJ(5, distance));
    else this.far(distance);
  }
  jumpIfEqual(rs1: number, rs2: number, label: number): void {
    const { distance, back } = this.distance(label);
    if (back && fitsSigned(distance, 13)) {
      this.word(typeB(0x63, 0, rs1, rs2, distance));
      return;
    }
    this.word(typeB(0x63, 1, rs1, rs2, 12));
    this.far(distance - 4);
  }
  jumpIfNonZero(rs: number, label: number): void {
    const { distance, back } = this.distance(label);
    if (back && fitsSigned(distance, 8) && inWindow(rs)) {
      this.compressedBranch(false, window(rs), distance);
    } else if (back && fitsSigned(distance, 13)) {
      this.word(typeB(0x63, 1, rs, ZERO, distance));
    } else if (back && inWindow(rs)) {
      this.compressedBranch(true, window(rs), 10);
      this.far(distance - 2);
    } else {
      this.word(typeB(0x63, 0, rs, ZERO, 12));
      this.far(distance - 4);
    }
  }
  loadLabelAddress(rd: number, label: number): void {
    this.loadAddress(rd, this.labelOffsets[label] - this.offset);
  }

  // Locals, on the stack above the saved registers

  storeLocal(local: number, rs: number): void {
    const offset = this.localsOffset + local * 4;
    if (fitsUnsigned(offset >> 2, 6)) this.compressedSwsp(rs, offset);
    else if (fitsUnsigned(offset, 11)) this.sw(rs, STACK, offset);
    else {
      const { upper, lower } = this.split(offset);
      this.loadUpper(T3, upper);
      this.compressedAdd(T3, STACK);
      this.sw(rs, T3, lower);
    }
  }
  loadLocal(rd: number, local: number): void {
    const offset = this.localsOffset + local * 4;
    if (fitsUnsigned(offset >> 2, 6)) this.compressedLwsp(rd, offset);
    else if (fitsUnsigned(offset, 11)) this.lw(rd, STACK, offset);
    else {
      const { upper, lower } = this.split(offset);
      this.loadUpper(rd, upper);
      this.compressedAdd(rd, STACK);
      this.lw(rd, rd, lower);
    }
  }
  loadLocalAddress(rd: number, local: number): void {
    const offset = this.localsOffset + local * 4;
    if (fitsUnsigned(offset, 10) && offset !== 0 && inWindow(rd)) this.compressedAddi4spn(window(rd), offset);
    else if (fitsUnsigned(offset, 11)) this.addi(rd, STACK, offset);
    else {
      this.loadFull(rd, offset);
      this.compressedAdd(rd, STACK);
    }
  }

  /** Loads from rs + (offset << size); size is 0 for bytes, 1 for half-words, 2 for words. */
  loadOffset(rd: number, rs: number, index: number, size: number): void {
    const offset = index << size;
    if (offset >= 0 && size === 2 && inWindow(rd) && inWindow(rs) && fitsUnsigned(offset, 6)) {
      this.compressedLw(window(rd), window(rs), offset);
    } else if (fitsSigned(offset, 12)) {
      this.word(typeI(0x03, LOAD_FUNCT3[size], rd, rs, offset));
    } else {
      const { upper, lower } = this.split(offset);
      this.loadUpper(rd, upper);
      this.compressedAdd(rd, rs);
      this.word(typeI(0x03, LOAD_FUNCT3[size], rd, rd, lower));
    }
  }
  storeOffset(rs2: number, rs1: number, index: number, size: number): void {
    const offset = index << size;
    if (offset >= 0 && size === 2 && inWindow(rs2) && inWindow(rs1) && fitsUnsigned(offset, 6)) {
      this.compressedSw(window(rs2), window(rs1), offset);
    } else if (fitsSigned(offset, 12)) {
      this.word(typeS(0x23, size, rs1, rs2, offset));
    } else {
      const { upper, lower } = this.split(offset);
      this.loadUpper(T3, upper);
      this.compressedAdd(T3, rs1);
      this.word(typeS(0x23, size, T3, rs2, lower));
    }
  }

  /** Adds an index to a base, scaled by the size of an item; changes both registers. */
  private scaleIndex(base: number, index: number, size: number): void {
    if (size > 0 && this.extensions & EXTENSION_ZBA) {
      this.word(typeR(0x33, 1 << size, 0x10, base, index, base));
      return;
    }
    if (size > 0) this.compressedSlli(index, size);
    this.compressedAdd(base, index);
  }
  loadIndexed(rd: number, base: number, index: number, size: number): void {
    this.scaleIndex(base, index, size);
    this.loadOffset(rd, base, 0, size);
  }
  storeIndexed(rs: number, base: number, index: number, size: number): void {
    this.scaleIndex(base, index, size);
    this.storeOffset(rs, base, 0, size);
  }
}

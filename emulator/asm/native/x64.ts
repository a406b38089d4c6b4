/** The native emitter's interface on x86-64 (the macros of py/asmx64.h, MicroPython 1.27.0; System V calling convention). */
import { BinaryOp } from '../../compiler/operators.ts';
import { Arch } from '../assembler/thumb.ts';
import { CC, OP, R12, R13, RAX, RBP, RBX, RCX, RDI, RDX, RSI, X64Assembler } from '../assembler/x64.ts';
import type { NativeAssembler, Operation, RegisterRoles } from './assembler.ts';

const OPERATIONS: Partial<Record<Operation, number>> = { or: OP.or, xor: OP.xor, and: OP.and, add: OP.add, subtract: OP.sub };

/** Operations of the group of shifts by CL. */
const SHIFTS: Partial<Record<Operation, number>> = { shiftLeft: 4, shiftRight: 5, shiftRightArithmetic: 7 };

/** Condition codes of the comparisons, by operator: unsigned, signed. */
const CONDITIONS = new Map<BinaryOp, readonly [number, number]>([
  [BinaryOp.Less, [CC.below, CC.less]],
  [BinaryOp.More, [CC.above, CC.greater]],
  [BinaryOp.Equal, [CC.equal, CC.equal]],
  [BinaryOp.LessEqual, [CC.belowEqual, CC.lessEqual]],
  [BinaryOp.MoreEqual, [CC.aboveEqual, CC.greaterEqual]],
  [BinaryOp.NotEqual, [CC.notEqual, CC.notEqual]],
]);

/** The size of a word, as the logarithm that loads and stores take. */
const WORD = 3;

export class X64Native extends X64Assembler implements NativeAssembler {
  readonly arch = Arch.X64;
  readonly wordBytes = 8;
  readonly shiftCount = RCX;
  readonly storesAnyRegister = false;
  readonly roles: RegisterRoles = {
    result: RAX,
    args: [RDI, RSI, RDX, RCX],
    temps: [RAX, RDI, RSI],
    locals: [RBX, R12, R13],
    funTable: RBP,
  };
  // Room for the registers of Windows too, so that the code runs there and elsewhere.
  readonly nlrRegisters = 10;
  readonly nlrFirstLocal = 5;

  private test(register: number, isBool: boolean): void {
    if (isBool) this.testByte(register);
    else this.alu(OP.test, register, register);
  }
  jumpIfZero(rs: number, label: number, isBool = false): void {
    this.test(rs, isBool);
    this.jumpIf(CC.equal, label);
  }
  jumpIfNonZero(rs: number, label: number, isBool = false): void {
    this.test(rs, isBool);
    this.jumpIf(CC.notEqual, label);
  }
  jumpIfEqual(rs1: number, rs2: number, label: number): void {
    this.alu(OP.cmp, rs2, rs1);
    this.jumpIf(CC.equal, label);
  }
  callTableFourArguments(index: number): void {
    this.callTable(index);
  }

  storeNull(local: number, temp: number): void {
    this.loadImmediate(temp, 0);
    this.storeLocal(local, temp);
  }
  zeroRegister(): number {
    this.alu(OP.xor, RAX, RAX);
    return RAX;
  }

  loadOffset(rd: number, rs: number, offset: number, size: number): void {
    if (size === WORD) this.load(rd, rs, offset << size);
    else this.loadNarrow(rd, rs, offset << size, size as 0 | 1 | 2);
  }
  storeOffset(rs: number, base: number, offset: number, size: number): void {
    if (size === WORD) this.store(rs, base, offset << size);
    else this.storeNarrow(rs, base, offset << size, size as 0 | 1 | 2);
  }
  private addIndex(base: number, index: number, size: number): void {
    for (let i = 0; i < 1 << size; i++) this.alu(OP.add, base, index);
  }
  loadIndexed(rd: number, base: number, index: number, size: number): void {
    this.addIndex(base, index, size);
    this.loadOffset(rd, base, 0, size);
  }
  storeIndexed(rs: number, base: number, index: number, size: number): void {
    this.addIndex(base, index, size);
    this.storeOffset(rs, base, 0, size);
  }

  invert(rd: number): void {
    this.group(0xf7, 2, rd);
  }
  negate(rd: number): void {
    this.group(0xf7, 3, rd);
  }
  operate(op: Operation, rd: number, rs: number): void {
    if (op === 'multiply') this.multiply(rd, rs);
    else if (SHIFTS[op] !== undefined) this.group(0xd3, SHIFTS[op], rd);
    else this.alu(OPERATIONS[op]!, rd, rs);
  }

  compare(op: BinaryOp, unsigned: boolean, rd: number, lhs: number, rhs: number): void {
    this.alu(OP.xor, rd, rd);
    this.alu(OP.cmp, lhs, rhs);
    this.setIf(CONDITIONS.get(op)![unsigned ? 0 : 1], rd);
  }
}

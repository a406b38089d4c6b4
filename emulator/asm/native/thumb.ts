/** The native emitter's interface on Thumb (the macros of py/asmthumb.h, MicroPython 1.27.0). */
import { BinaryOp } from '../../compiler/operators.ts';
import { ALU, EQ, NE, ThumbAssembler } from '../assembler/thumb.ts';
import type { NativeAssembler, Operation, RegisterRoles } from './assembler.ts';

const OPERATIONS: Partial<Record<Operation, number>> = {
  shiftLeft: ALU.lsl,
  shiftRight: ALU.lsr,
  shiftRightArithmetic: ALU.asr,
  or: ALU.orr,
  xor: ALU.eor,
  and: ALU.and,
  multiply: ALU.mul,
};

/** Condition codes of the comparisons, by operator: unsigned, signed. */
const CONDITIONS = new Map<BinaryOp, readonly [number, number]>([
  [BinaryOp.Less, [3, 11]],
  [BinaryOp.More, [8, 12]],
  [BinaryOp.Equal, [0, 0]],
  [BinaryOp.LessEqual, [9, 13]],
  [BinaryOp.MoreEqual, [2, 10]],
  [BinaryOp.NotEqual, [1, 1]],
]);

export class ThumbNative extends ThumbAssembler implements NativeAssembler {
  readonly roles: RegisterRoles = { result: 0, args: [0, 1, 2, 3], temps: [0, 1, 2], locals: [4, 5, 6], funTable: 7 };
  // Room for the registers of a floating-point unit, so that the code runs on processors with and without.
  readonly wordBytes = 4;
  readonly storesAnyRegister = true;
  readonly nlrRegisters = 16;
  readonly nlrFirstLocal = 3;

  jumpIfZero(rs: number, label: number): void {
    this.compareImmediate8(rs, 0);
    this.jumpIf(EQ, label);
  }
  jumpIfNonZero(rs: number, label: number): void {
    this.compareImmediate8(rs, 0);
    this.jumpIf(NE, label);
  }
  jumpIfEqual(rs1: number, rs2: number, label: number): void {
    this.alu(ALU.cmp, rs1, rs2);
    this.jumpIf(EQ, label);
  }
  jumpRegister(rs: number): void {
    this.bx(rs);
  }

  callTableFourArguments(index: number): void {
    // R3, through which calls go, holds the fourth argument.
    this.callTable(index, 4);
  }

  storeNull(local: number, temp: number): void {
    this.loadImmediate(temp, 0);
    this.storeLocal(local, temp);
  }
  zeroRegister(): number {
    this.alu(ALU.eor, 0, 0);
    return 0;
  }

  loadIndexed(rd: number, base: number, index: number, size: number): void {
    if (size > 0) this.shiftImmediate(0, index, index, size);
    this.loadStoreIndexed([0x5c00, 0x5a00, 0x5800][size], rd, base, index);
  }
  storeIndexed(rs: number, base: number, index: number, size: number): void {
    if (size > 0) this.shiftImmediate(0, index, index, size);
    this.loadStoreIndexed([0x5400, 0x5200, 0x5000][size], rs, base, index);
  }

  invert(rd: number): void {
    this.alu(ALU.mvn, rd, rd);
  }
  negate(rd: number): void {
    this.alu(ALU.neg, rd, rd);
  }
  operate(op: Operation, rd: number, rs: number): void {
    if (op === 'add') this.add(rd, rd, rs);
    else if (op === 'subtract') this.sub(rd, rd, rs);
    else this.alu(OPERATIONS[op]!, rd, rs);
  }

  compare(op: BinaryOp, unsigned: boolean, rd: number, lhs: number, rhs: number): void {
    const cc = CONDITIONS.get(op)![unsigned ? 0 : 1];
    this.alu(ALU.cmp, lhs, rhs);
    if (this.hasThumb2) {
      // ITE: the mask says that the second instruction is for the opposite condition.
      this.itBlock(cc, cc & 1 ? 0x4 : 0xc);
      this.moveImmediate8(rd, 1);
      this.moveImmediate8(rd, 0);
      return;
    }
    this.branchForwardIf(cc, 6);
    this.moveImmediate8(rd, 0);
    this.branchForward(4);
    this.moveImmediate8(rd, 1);
  }
}

/** The native emitter's interface on RV32 (the macros of py/asmrv32.h, MicroPython 1.27.0). */
import { BinaryOp } from '../../compiler/operators.ts';
import { A0, Rv32Assembler, S1, T1, T2, T3, ZERO } from '../assembler/rv32.ts';
import { Arch } from '../assembler/thumb.ts';
import type { NativeAssembler, Operation, RegisterRoles } from './assembler.ts';

export class Rv32Native extends Rv32Assembler implements NativeAssembler {
  readonly arch = Arch.Rv32imc;
  readonly roles: RegisterRoles = {
    result: A0,
    args: [A0, A0 + 1, A0 + 2, A0 + 3],
    temps: [T1, T2, T3],
    locals: [19, 20, 21],
    funTable: S1,
  };
  readonly wordBytes = 4;
  readonly storesAnyRegister = true;
  readonly nlrRegisters = 14;
  readonly nlrFirstLocal = 6;

  jumpIfZero(rs: number, label: number): void {
    this.jumpIfEqual(rs, ZERO, label);
  }
  jumpRegister(rs: number): void {
    this.compressedJr(rs);
  }
  callTableFourArguments(index: number): void {
    this.callTable(index);
  }
  move(rd: number, rs: number): void {
    this.compressedMove(rd, rs);
  }
  storeNull(local: number): void {
    this.storeLocal(local, ZERO);
  }
  zeroRegister(): number {
    return ZERO;
  }

  invert(rd: number): void {
    this.xori(rd, rd, -1);
  }
  negate(rd: number): void {
    this.sub(rd, ZERO, rd);
  }

  operate(op: Operation, rd: number, rs: number): void {
    switch (op) {
      case 'shiftLeft':
        this.register(1, 0, rd, rd, rs);
        break;
      case 'shiftRight':
        this.register(5, 0, rd, rd, rs);
        break;
      case 'shiftRightArithmetic':
        this.register(5, 0x20, rd, rd, rs);
        break;
      case 'or':
        this.register(6, 0, rd, rd, rs);
        break;
      case 'xor':
        if (rd === rs) this.compressedLi(rd, 0);
        else this.register(4, 0, rd, rd, rs);
        break;
      case 'and':
        this.register(7, 0, rd, rs, rd);
        break;
      case 'add':
        this.compressedAdd(rd, rs);
        break;
      case 'subtract':
        this.sub(rd, rd, rs);
        break;
      case 'multiply':
        this.register(0, 1, rd, rd, rs);
        break;
    }
  }

  compare(op: BinaryOp, unsigned: boolean, rd: number, lhs: number, rhs: number): void {
    const less = (a: number, b: number): void => this.register(unsigned ? 3 : 2, 0, rd, a, b);
    switch (op) {
      case BinaryOp.Less:
        less(lhs, rhs);
        break;
      case BinaryOp.More:
        less(rhs, lhs);
        break;
      case BinaryOp.LessEqual:
        less(rhs, lhs);
        this.xori(rd, rd, 1);
        break;
      case BinaryOp.MoreEqual:
        less(lhs, rhs);
        this.xori(rd, rd, 1);
        break;
      case BinaryOp.Equal:
        this.sub(rd, lhs, rhs);
        this.sltiu(rd, rd, 1);
        break;
      default:
        this.sub(rd, rhs, lhs);
        this.register(3, 0, rd, ZERO, rd);
    }
  }
}

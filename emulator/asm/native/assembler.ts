/** What the native emitter asks of an architecture: registers with roles, and short sequences (the generic assembler interface of py/emitnative.c). */
import type { BinaryOp } from '../../compiler/operators.ts';
import type { MachineCode } from '../assembler/machine-code.ts';

export interface RegisterRoles {
  readonly result: number;
  /** Arguments of calls. */
  readonly args: readonly [number, number, number, number];
  readonly temps: readonly [number, number, number];
  /** Registers that calls keep: the first two hold locals, the third the table of qstrs. */
  readonly locals: readonly [number, number, number];
  readonly funTable: number;
}

export interface NativeAssembler extends MachineCode {
  readonly arch: number;
  /** Bytes of a word: 4 or 8. */
  readonly wordBytes: 4 | 8;
  /** The register that shifts take their count from, where it is always the same one. */
  readonly shiftCount?: number;
  /** Whether a byte can be stored from any register; else from the third argument's. */
  readonly storesAnyRegister: boolean;
  readonly roles: RegisterRoles;
  /** Registers that `nlr_push` saves, and where among the words of its buffer the first register for locals is. */
  readonly nlrRegisters: number;
  readonly nlrFirstLocal: number;

  entry(locals: number): void;
  exit(): void;

  jump(label: number): void;
  /** @param isBool only the lowest byte of the register counts */
  jumpIfZero(rs: number, label: number, isBool?: boolean): void;
  jumpIfNonZero(rs: number, label: number, isBool?: boolean): void;
  jumpIfEqual(rs1: number, rs2: number, label: number): void;
  jumpRegister(rs: number): void;
  /** Calls an entry of the runtime's function table. */
  callTable(index: number): void;
  /** The same for the call that takes four arguments. */
  callTableFourArguments(index: number): void;

  /** Integers beyond 32 bits only where words have 64. */
  loadImmediate(rd: number, value: number | bigint): void;
  move(rd: number, rs: number): void;
  loadLocal(rd: number, local: number): void;
  storeLocal(local: number, rs: number): void;
  loadLocalAddress(rd: number, local: number): void;
  loadLabelAddress(rd: number, label: number): void;
  /** Puts null into a local, through `temp` where the architecture has no register that is zero. */
  storeNull(local: number, temp: number): void;
  /** Zeroes what comes next into a local; gives the register that is zero. */
  zeroRegister(): number;

  /** Loads from rs + (offset << size); size is 0 for bytes, 1 for half-words, 2 for words of 32 bits, 3 for those of 64. */
  loadOffset(rd: number, rs: number, offset: number, size: number): void;
  storeOffset(rs: number, base: number, offset: number, size: number): void;
  /** With an index in a register; both registers may change. */
  loadIndexed(rd: number, base: number, index: number, size: number): void;
  storeIndexed(rs: number, base: number, index: number, size: number): void;

  invert(rd: number): void;
  negate(rd: number): void;
  /** rd = rd op rs */
  operate(op: Operation, rd: number, rs: number): void;
  /** rd = lhs op rhs, as 0 or 1. */
  compare(op: BinaryOp, unsigned: boolean, rd: number, lhs: number, rhs: number): void;
}

export type Operation = 'shiftLeft' | 'shiftRight' | 'shiftRightArithmetic' | 'or' | 'xor' | 'and' | 'add' | 'subtract' | 'multiply';

/** Synchronous traps: The RISC-V Instruction Set Manual, volume II, table of `mcause` values. */
export enum Cause {
  InstructionMisaligned = 0,
  InstructionAccess = 1,
  IllegalInstruction = 2,
  Breakpoint = 3,
  LoadMisaligned = 4,
  LoadAccess = 5,
  StoreMisaligned = 6,
  StoreAccess = 7,
  EnvironmentCall = 11,
}

/** Thrown by a handler whose instruction cannot complete. */
export class Rv32Trap {
  constructor(
    readonly cause: Cause,
    readonly value = 0,
  ) {}
}

/** What a machine-mode trap handler finds in its CSRs. */
export interface TrapReport {
  readonly mcause: number;
  readonly mepc: number;
  readonly mtval: number;
}

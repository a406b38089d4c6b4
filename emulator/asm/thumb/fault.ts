/**
 * Faults of an ARMv7-M processor: ARMv7-M Architecture Reference Manual, B3.2.15 (CFSR) and B3.2.16 (HFSR).
 *
 * MicroPython's ports leave the configurable fault handlers disabled, so every fault escalates to a hard fault (HFSR.FORCED).
 */
export const CFSR_IACCVIOL = 1 << 0;
export const CFSR_DACCVIOL = 1 << 1;
export const CFSR_MMARVALID = 1 << 7;
export const CFSR_IBUSERR = 1 << 8;
export const CFSR_PRECISERR = 1 << 9;
export const CFSR_IMPRECISERR = 1 << 10;
export const CFSR_BFARVALID = 1 << 15;
export const CFSR_UNDEFINSTR = 1 << 16;
export const CFSR_INVSTATE = 1 << 17;
export const CFSR_INVPC = 1 << 18;
export const CFSR_NOCP = 1 << 19;
export const CFSR_UNALIGNED = 1 << 24;
export const CFSR_DIVBYZERO = 1 << 25;
export const HFSR_FORCED = 1 << 30;

/** Thrown by a handler whose instruction cannot complete. */
export class ThumbFault {
  constructor(
    readonly cfsr: number,
    /** Goes to BFAR or MMFAR, where `cfsr` says that one is valid. */
    readonly address = 0,
  ) {}
}

/** What the hard fault handler finds: the fault status registers and the eight words that the processor stacked. */
export interface FaultReport {
  readonly hfsr: number;
  readonly cfsr: number;
  readonly mmfar: number;
  readonly bfar: number;
  /** Stack pointer after stacking: the address of the stacked R0. */
  readonly sp: number;
  readonly r0: number;
  readonly r1: number;
  readonly r2: number;
  readonly r3: number;
  readonly r12: number;
  readonly lr: number;
  /** Address of the instruction that faulted. */
  readonly pc: number;
  readonly xpsr: number;
}

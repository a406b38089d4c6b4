import type { MemoryBus } from '../memory-bus.ts';
import type { ThumbTiming } from './timing.ts';

/** How an instruction takes part in its block. */
export enum Kind {
  Plain,
  Load,
  Store,
  /** May have put a target into `r[PC]`: the last instruction of a block. */
  Branch,
  /** The last of a block for another reason: barriers, system calls, waiting. */
  Ends,
  /** Starts an IT block; its handler does nothing. */
  It,
}

/** One instruction, ready to run. */
export interface Decoded {
  readonly run: () => void;
  /** In bytes, 2 or 4. */
  readonly size: number;
  /** Cycles when nothing depends on operands; a handler adds what does. */
  readonly cycles: number;
  readonly kind: Kind;
  /** Loads and stores only: the base register is not changed by a neighbour and can overlap with it. */
  readonly pipelines?: boolean;
}

/** Why `run` came back. */
export type StopReason = 'budget' | 'returned' | 'fault' | 'wfi' | 'svc' | 'bkpt' | 'stopped';

/** What handlers work on. */
export interface ThumbMachine {
  readonly r: Int32Array;
  /** Floating-point registers: the same bits as integers and as single-precision numbers. */
  readonly sBits: Int32Array;
  readonly sFloat: Float32Array;
  readonly bus: MemoryBus;
  readonly timing: ThumbTiming;
  readonly hasFpu: boolean;
  readonly system: SystemRegisters;
  /** Ends `run` after the current instruction. */
  requestStop(reason: StopReason, detail?: number): void;
}

/** Special registers outside the register file (MRS, MSR, CPS). */
export interface SystemRegisters {
  /** Number of the exception being handled, 0 in thread mode. */
  ipsr: number;
  primask: number;
  faultmask: number;
  basepri: number;
  control: number;
  psp: number;
  /** Address tagged by the last LDREX, or -1. */
  exclusive: number;
}

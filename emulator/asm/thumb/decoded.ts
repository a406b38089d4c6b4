import type { MemoryBus } from '../memory-bus.ts';
import type { StopReason } from '../translating-core.ts';
import type { ThumbTiming } from './timing.ts';

export { type Decoded, Kind } from '../translating-core.ts';

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

import type { MemoryBus } from '../memory-bus.ts';
import type { StopReason } from '../translating-core.ts';
import type { Rv32Timing } from './timing.ts';

export { type Decoded, Kind } from '../translating-core.ts';

/** What handlers work on. */
export interface Rv32Machine {
  readonly r: Int32Array;
  readonly bus: MemoryBus;
  readonly timing: Rv32Timing;
  readonly extensions: Rv32Extensions;
  /** All cycles so far. */
  readonly cycles: number;
  readCsr(number: number): number;
  /** @throws Rv32Trap for registers that cannot be written */
  writeCsr(number: number, value: number): void;
  /** Address tagged by the last LR.W, or -1. */
  reservation: number;
  requestStop(reason: StopReason, detail?: number): void;
}

/** Beyond RV32IMC and Zicsr. */
export interface Rv32Extensions {
  /** Address generation: sh1add, sh2add, sh3add. */
  readonly zba: boolean;
  /** Basic bit manipulation. */
  readonly zbb: boolean;
  /** Atomics. */
  readonly a: boolean;
}

/** How long instructions take on a single-issue core with a short pipeline. The reference board is an emulated one without timing, so these are a model of such cores. */
export interface Rv32Timing {
  readonly load: number;
  readonly store: number;
  /** Extra cycles of a jump or a taken branch. */
  readonly refill: number;
  readonly multiply: number;
  readonly divide: number;
}

export const SIMPLE_RV32: Rv32Timing = { load: 2, store: 1, refill: 2, multiply: 1, divide: 34 };

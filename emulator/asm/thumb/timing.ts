/**
 * How long instructions take: Cortex-M4 Technical Reference Manual (r0p1), tables 3-1 (processor instructions) and 7-1 (FPU instructions),
 * with its section on load and store timings.
 */
export interface ThumbTiming {
  /** Pipeline refill after a taken branch (P in the manual): 1 to 3 cycles, by alignment and width of the target. */
  readonly refill: number;
  /** Single loads. A load right behind another load or store overlaps with it and takes one cycle less. */
  readonly load: number;
  /** Single stores: the write buffer hides the second cycle. */
  readonly store: number;
  /** First cycle of a load or store of several registers; one more for each register. */
  readonly multiple: number;
  /** Division, shortest and longest; how long depends on the operands. */
  readonly divideMin: number;
  readonly divideMax: number;
  /** Single-precision division and square root. */
  readonly floatDivide: number;
  /** Single-precision multiply-accumulate, chained or fused. */
  readonly floatMultiplyAdd: number;
  /** Extra cycles for each fetch that starts a block: code that lies in memory with wait states. */
  readonly fetchWait: number;
}

/** Cortex-M4 with code and data in memory without wait states. */
export const CORTEX_M4: ThumbTiming = {
  refill: 2,
  load: 2,
  store: 1,
  multiple: 1,
  divideMin: 2,
  divideMax: 12,
  floatDivide: 14,
  floatMultiplyAdd: 3,
  fetchWait: 0,
};

/**
 * Cycles of a division. The divider stops early, by how many more significant bits the dividend has than the divisor; the manual gives only the limits,
 * so the steps between them (four quotient bits a cycle) are our model.
 */
export function divideCycles(timing: ThumbTiming, dividend: number, divisor: number): number {
  const quotientBits = Math.max(0, Math.clz32(divisor) - Math.clz32(dividend) + 1);
  return Math.min(timing.divideMax, timing.divideMin + ((quotientBits + 2) >> 2));
}

/** Where the parts of the processor's state live in its register array: x0 to x31, and behind them what the block runner needs. */
export const RA = 1;
export const SP = 2;
export const A0 = 10;
/** While a block runs: the address that follows it, until a jump puts its target there. */
export const NEXT = 32;
/** Cycles spent since the outermost call of `run` began. */
export const CYCLES = 33;
export const STATE_SIZE = 40;

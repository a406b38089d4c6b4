/** Counters that the interpreter touches at every bytecode, apart from the rest so that they stay cheap. */
export const hot = {
  /** CPU cycles until something is due; below zero, `service` is called. */
  budget: 0,
  /** Something waits for the next branch: a pending exception or a scheduled callback. */
  pending: false,
};

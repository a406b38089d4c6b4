/**
 * What a digital net can be seen at: a logic value, and how strongly it is held there.
 *
 * Bit 0 is the logic value that an input reads; the bits above say who holds it. So `level & 1` is always the bit.
 */
export const Level = {
  /** Driven to ground by an output. */
  LOW: 0,
  /** Driven to the supply by an output. */
  HIGH: 1,
  /** Nobody drives; resistors hold it low. */
  PULLED_LOW: 2,
  /** Nobody drives; resistors hold it high. */
  PULLED_HIGH: 3,
  /** Nothing holds it; its capacitance keeps the low it had. */
  FLOATING_LOW: 4,
  /** Nothing holds it; its capacitance keeps the high it had. */
  FLOATING_HIGH: 5,
  /** Outputs fight; the voltage in between reads as 0. */
  CONTENTION_LOW: 6,
  /** Outputs fight; the voltage in between reads as 1. */
  CONTENTION_HIGH: 7,
} as const;

export type Level = (typeof Level)[keyof typeof Level];
export type Bit = 0 | 1;

/** The names used in JSON Lines, in the order of the codes. */
export const LEVEL_NAMES = [
  'low',
  'high',
  'pulled low',
  'pulled high',
  'floating low',
  'floating high',
  'contention low',
  'contention high',
] as const;

/** The logic value an input reads at this level. */
export function bitOf(level: Level): Bit {
  return (level & 1) as Bit;
}

/** True if nobody, or nobody alone, decides the level: floating or contention. */
export function isUndecided(level: Level): boolean {
  return level >= Level.FLOATING_LOW;
}

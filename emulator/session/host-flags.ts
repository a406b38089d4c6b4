/** How V8 is set for the workers that boards run in. */

/**
 * V8 sets one MiB aside for young objects (for each half) when it starts, and guest code that makes many floats or frames is then stopped every
 * few milliseconds to collect them: 16.
 *
 * V8's optimising compiler takes up to 920 bytes of bytecode of other functions into each that it compiles. Guest programs are short, and what it
 * is still busy with when they end was in vain. With 500 their first run is by a twentieth quicker (bench/speed.ts), and boards that run for
 * hours by a tenth slower (bench/boards.ts); with 150 it is a tenth and a third.
 */
export const HOST_FLAGS: readonly string[] = ['--min-semi-space-size=16', '--max-inlined-bytecode-size-cumulative=500'];

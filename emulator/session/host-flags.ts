/** How V8 is set for the workers that boards run in. */

/**
 * V8 sets one MiB aside for young objects (for each half) when it starts, and guest code that makes many floats or frames is then stopped every
 * few milliseconds to collect them: 16.
 *
 * V8's optimising compiler is allowed 920 bytes of bytecode of other functions in each that it compiles. Guest programs are short, and what it
 * is busy with when they end was in vain: with 150 it has less to do, and they end sooner (bench/speed.ts: by a sixth at their first run), while
 * those that go on for long lose nothing that can be measured.
 */
export const HOST_FLAGS: readonly string[] = ['--min-semi-space-size=16', '--max-inlined-bytecode-size-cumulative=150'];

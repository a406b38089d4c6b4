/**
 * How V8 is set for the workers that boards run in. It sets one MiB aside for young objects (for each half) when it starts, and guest code that
 * makes many floats or frames is then stopped every few milliseconds to collect them: 16.
 */
export const HOST_FLAGS: readonly string[] = ['--min-semi-space-size=16'];

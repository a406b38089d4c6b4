/**
 * The only randomness there is: a generator with a seed (Marsaglia's xorshift128, period 2^128 - 1). Noise, contact
 * bounce, and the chip's RNG draw from it, so that the same seed gives the same trace.
 */
export class SeededRandom {
  private readonly state = new Uint32Array(4);

  /** @param seed any integer; each gives its own sequence */
  constructor(readonly seed: number) {
    // splitmix32 spreads a small seed over the whole state
    let z = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      z = (z + 0x9e3779b9) >>> 0;
      this.state[i] = scramble(z);
    }
    this.state[3] |= 1;
  }

  /** 32 random bits, 0 to 2^32 - 1. */
  next32(): number {
    const s = this.state;
    let t = s[3];
    s[3] = s[2];
    s[2] = s[1];
    s[1] = s[0];
    t ^= t << 11;
    t ^= t >>> 8;
    s[0] = t ^ s[0] ^ (s[0] >>> 19);
    return s[0];
  }

  /** At least 0, below 1. */
  fraction(): number {
    return this.next32() / 0x1_0000_0000;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /** A generator of its own, for a part that must not be disturbed by how often others draw. */
  fork(salt: string): SeededRandom {
    let hash = this.seed >>> 0;
    for (let i = 0; i < salt.length; i++) hash = scramble((hash ^ salt.charCodeAt(i)) + 0x9e3779b9);
    return new SeededRandom(hash);
  }
}

/** A well-mixed 32-bit hash of a 32-bit number; also noise that can be asked for at any place. */
export function scramble(z: number): number {
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

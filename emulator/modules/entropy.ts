/** Where seeds and random bytes come from: the board's seeded generator. Nothing here is random but by the board's seed. */
import { vm } from '../vm/vm.ts';

const KEY = Symbol('entropy');

/** 32 random bits of the board; of a generator with a fixed seed where the board has none (xorshift32, Marsaglia 2003). */
export function random32(): number {
  if (vm.port.random32 !== undefined) return vm.port.random32() >>> 0;
  const state = vm.stateOf(KEY, () => ({ x: 0x2545f491 }));
  state.x ^= state.x << 13;
  state.x ^= state.x >>> 17;
  state.x ^= state.x << 5;
  return state.x >>> 0;
}

/** As many random bytes. */
export function randomBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  for (let i = 0; i < count; i++) bytes[i] = random32() & 0xff;
  return bytes;
}

/** Whatever a program writes to registers, and whenever: the models fail in no way that a chip could not. */
import { describe, expect, it } from 'vitest';
import { BusFault } from './address-space.ts';
import { NotModelledError } from './not-modelled.ts';
import { SeededRandom } from './seeded-random.ts';
import { chipOnBench } from './test-bench.ts';

const INTERESTING = [0, 1, 0xffff_ffff, 0x8000_0000, 0xffff, 0x5555_5555, 0xaaaa_aaaa, 0x3f, 0x100];

function run(seed: number, steps: number) {
  const random = new SeededRandom(seed);
  const { chip, clock, trace } = chipOnBench(undefined, seed);
  const names = Object.keys(chip.data.peripherals);
  const wired = ['X1', 'X2', 'X5', 'X6', 'X9', 'X10', 'Y3', 'Y4', 'Y9', 'Y10'];
  for (let i = 0; i < 4; i++) {
    chip.netlist.connect(chip.pin(wired[random.between(0, 9)]).terminal, chip.pin(wired[random.between(0, 9)]).terminal);
  }
  for (const irq of Object.values(chip.data.interrupts)) {
    chip.nvic.setHandler(irq, () => {
      // An interrupt that is never cleared would come for ever.
      chip.nvic.disable(irq);
    });
    if (random.between(0, 1) === 1) chip.nvic.enable(irq, random.between(0, 15));
  }
  for (const name of names) chip.rcc.enable(name);
  // A few blocks at a time, so that writes come upon each other.
  const chosen = Array.from({ length: 4 }, () => names[random.between(0, names.length - 1)]);
  let events = 0;
  for (let step = 0; step < steps; step++) {
    const { base } = chip.data.peripherals[chosen[random.between(0, 3)]];
    const address = base + 4 * random.between(0, random.between(0, 3) === 0 ? 0x7f : 0x18);
    const size = ([1, 2, 4, 4, 4] as const)[random.between(0, 4)];
    const value = random.between(0, 1) === 1 ? INTERESTING[random.between(0, INTERESTING.length - 1)] : random.next32();
    try {
      if (random.between(0, 2) === 0) chip.space.read(address, size);
      else chip.space.write(address, (value & (2 ** (8 * size) - 1)) >>> 0, size);
    } catch (error) {
      if (!(error instanceof BusFault || error instanceof NotModelledError)) throw error;
    }
    const end = clock.now + random.between(0, 20_000);
    while (clock.nextDue <= end && events < 200_000) {
      clock.advanceToNext();
      events++;
    }
    clock.advanceTo(Math.min(end, Math.max(clock.now, clock.nextDue - 1)));
    chip.nvic.dispatch();
  }
  expect(Number.isSafeInteger(clock.now)).toBe(true);
  return { state: `${clock.now} ${events} ${trace.channels.length}`, events };
}

describe('register fuzz', () => {
  it('ends in nothing but bus faults and what is not modelled, and is the same each time', () => {
    for (let seed = 1; seed <= 150; seed++) {
      try {
        const first = run(seed, 150);
        expect(first.events, `seed ${seed}: too many events`).toBeLessThan(200_000);
        if (seed % 10 === 0) expect(run(seed, 150).state, `seed ${seed}`).toBe(first.state);
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).stack}`);
      }
    }
  }, 120_000);
});

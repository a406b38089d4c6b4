/** A pyboard's chip on a bench with parts, for the tests of the parts. */
import { chipOnBench } from '../peripherals/test-bench.ts';
import type { Part, PartBench } from './part.ts';

export function benchWithParts(seed = 1) {
  const bench = chipOnBench(undefined, seed);
  const { chip, clock, trace } = bench;
  const parts: PartBench = { clock, trace, netlist: chip.netlist, random: chip.random };
  /** Wires a part's pins to the chip's: `{ scl: 'X9' }`. */
  const wire = <P extends Part>(part: P, pins: Record<string, string>): P => {
    for (const [name, pin] of Object.entries(pins)) chip.netlist.connect(part.pin(name), chip.pin(pin).terminal);
    return part;
  };
  return { ...bench, parts, wire };
}

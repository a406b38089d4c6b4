/** A pyboard's chip on a bench, for the tests of the peripheral models. */
import { pyboardV11 } from '../../boards/pyboard-v1.1.ts';
import { Clock } from '../clock/clock.ts';
import { Trace } from '../trace/trace.ts';
import { Chip } from './chip.ts';

export function chipOnBench(hardware = pyboardV11.hardware!, seed = 1) {
  const clock = new Clock();
  const trace = new Trace(clock);
  const announced: number[] = [];
  const resets: number[] = [];
  const chip = new Chip(hardware, {
    clock,
    trace,
    seed,
    hooks: { interrupt: irq => announced.push(irq), reset: flags => resets.push(flags) },
  });
  chip.startClocks();
  return { chip, clock, trace, announced, resets };
}

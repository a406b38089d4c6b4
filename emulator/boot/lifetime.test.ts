import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { Clock } from '../clock/clock.ts';
import { Trace } from '../trace/trace.ts';
import { createMachine } from './create-machine.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

function boot(): void {
  const clock = new Clock();
  const idle = (until: number) => clock.advanceTo(Math.min(until, clock.nextDue));
  const machine = createMachine('dut', { board: 'pyboard-v1.1' }, { clock, trace: new Trace(clock), seed: 1, idle });
  machine.consoles.get('usb')!.onOutput(bytes => {
    if (bytes.includes('>'.charCodeAt(0))) machine.powerOff();
  });
  machine.powerOn();
  machine.main();
}

it('leaves nothing of a board that is gone to the next full collection', () => {
  const ROUNDS = 5;
  const BOARDS = 20;
  const left: number[] = [];
  for (let i = 0; i < 100; i++) boot();
  for (let round = 0; round < ROUNDS; round++) {
    collect();
    const before = getHeapStatistics().used_heap_size;
    for (let i = 0; i < BOARDS; i++) boot();
    collect({ type: 'minor' });
    left.push((getHeapStatistics().used_heap_size - before) / BOARDS);
  }
  // One hook that V8 keeps in its old generation (peripherals/chip.ts) keeps 60 KB of each board; compiled code grows now and then.
  expect(Math.min(...left)).toBeLessThan(30_000);
});

/**
 * The hardware models alone, without an interpreter: what an idle hour, a blinking hour and a bus cost, how long a chip
 * takes to be made, and what recording adds.
 *
 *   node dist/bench/hardware.js
 *
 * Ratios are of simulated time to this machine's, and of the same work with and without recording, both in one run.
 */
import { pyboardV11 } from '../boards/pyboard-v1.1.ts';
import { Clock } from '../emulator/clock/clock.ts';
import { Chip } from '../emulator/peripherals/chip.ts';
import { PinMode } from '../emulator/peripherals/gpio.ts';
import { SpiRegister as S, SpiCr1, SpiFlag } from '../emulator/peripherals/spi.ts';
import { Cr1, TimerRegister as T, TimerFlag } from '../emulator/peripherals/timer.ts';
import { Trace } from '../emulator/trace/trace.ts';

const HOUR = 3_600_000_000_000;

function makeChip(): Chip {
  const clock = new Clock();
  const chip = new Chip(pyboardV11.hardware!, { clock, trace: new Trace(clock), hooks: { interrupt: () => {}, reset: () => {} } });
  chip.startClocks();
  return chip;
}

/** Milliseconds of the best of some runs. */
function best(work: () => void, runs = 5): number {
  let least = Infinity;
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

function report(what: string, milliseconds: number, simulated?: number): void {
  const ratio =
    simulated === undefined ? '' : `  ${Number((simulated / 1e6 / milliseconds).toPrecision(3)).toLocaleString('en')} times real time`;
  console.log(`${what.padEnd(46)} ${milliseconds.toFixed(2).padStart(9)} ms${ratio}`);
}

/** A timer interrupt that toggles the red LED ten times a second. */
function blink(chip: Chip): void {
  const pin = chip.pin('LED_RED');
  pin.configure({ mode: PinMode.OUTPUT });
  const timer = chip.timer(2);
  let on = 0;
  chip.nvic.setHandler(chip.irq('TIM2'), () => {
    timer.clearFlags(TimerFlag.UPDATE);
    pin.set((on ^= 1));
  });
  chip.nvic.enable(chip.irq('TIM2'), 13);
  timer.writeRegister(T.PSC, 8399);
  timer.writeRegister(T.ARR, 499);
  timer.writeRegister(T.EGR, 1);
  timer.clearFlags(TimerFlag.UPDATE);
  timer.writeRegister(T.DIER, TimerFlag.UPDATE);
  timer.writeRegister(T.CR1, Cr1.CEN);
}

/** A megahertz on X1 that nobody looks at. */
function pwm(chip: Chip): void {
  chip.pin('X1').configure({ mode: PinMode.ALTERNATE, alternate: 2 });
  const timer = chip.timer(5);
  timer.writeRegister(T.ARR, 83);
  timer.writeRegister(T.CCR1, 40);
  timer.writeRegister(T.CCMR1, 0x60);
  timer.writeRegister(T.CCER, 1);
  timer.writeRegister(T.CR1, Cr1.CEN);
}

function toggles(chip: Chip, traced: boolean, count: number): void {
  const pin = chip.pin('X2');
  pin.configure({ mode: PinMode.OUTPUT });
  if (!traced) pin.terminal.signal = undefined;
  for (let i = 0; i < count; i++) {
    chip.clock.now += 100;
    pin.set(i & 1);
  }
}

function spiBytes(chip: Chip, count: number): void {
  for (const name of ['X6', 'X7', 'X8']) chip.pin(name).configure({ mode: PinMode.ALTERNATE, alternate: 5 });
  const spi = chip.spi(1);
  spi.writeRegister(S.CR1, SpiCr1.MSTR | SpiCr1.SSM | SpiCr1.SSI | SpiCr1.SPE);
  for (let i = 0; i < count; i++) {
    spi.writeRegister(S.DR, i & 0xff);
    chip.waitUntil(() => (spi.readRegister(S.SR) & SpiFlag.RXNE) !== 0, 1e6);
    spi.readRegister(S.DR);
  }
}

function run(set: (chip: Chip) => void, duration: number): () => void {
  return () => {
    const chip = makeChip();
    set(chip);
    chip.elapse(duration);
  };
}

report('make a chip', best(() => Array.from({ length: 100 }, makeChip)) / 100);
report('an idle hour', best(run(() => {}, HOUR)), HOUR);
report('an hour of blinking at 10 Hz, by interrupt', best(run(blink, HOUR)), HOUR);
report('an hour of 1 MHz PWM that nobody watches', best(run(pwm, HOUR)), HOUR);
report(
  '10,000 bytes over SPI at 42 MHz',
  best(() => spiBytes(makeChip(), 10_000)),
  (10_000 * 8e9) / 42e6,
);
const traced = best(() => toggles(makeChip(), true, 1_000_000));
const untraced = best(() => toggles(makeChip(), false, 1_000_000));
report('a million pin changes, recorded', traced);
report('a million pin changes, not recorded', untraced);
console.log(`recording costs ${((traced / untraced - 1) * 100).toFixed(0)} % of bare pin changes`);

import { describe, expect, it } from 'vitest';
import { chipOnBench } from './test-bench.ts';
import { Cr1, TimerRegister } from './timer.ts';

/** When TIM2 overflows that counts from 1,234,567 ns on, while the bus clocks change before and after somebody first touches it. */
function overflow(touch: 'early' | 'late'): number {
  const { chip, clock } = chipOnBench();
  if (touch === 'early') chip.timer(2);
  clock.advanceTo(1_000_003);
  chip.rcc.runFromPll({ m: 12, n: 336, p: 2, q: 7 }, { ahb: 2, apb1: 4, apb2: 2 });
  clock.advanceTo(1_234_567);
  chip.rcc.enable('TIM2');
  const timer = chip.timer(2);
  timer.writeRegister(TimerRegister.PSC, 12);
  timer.writeRegister(TimerRegister.ARR, 999);
  timer.writeRegister(TimerRegister.CR1, Cr1.CEN);
  return timer.nextOverflow;
}

describe('peripherals that are made when somebody touches them', () => {
  it('count on the grid on which they would have counted from the beginning', () => {
    expect(overflow('late')).toBe(overflow('early'));
  });

  it('have no clock until RCC gives them one, and are there by address', () => {
    const { chip } = chipOnBench();
    const { base } = chip.data.peripherals.TIM3;
    expect(chip.space.isMapped(base)).toBe(true);
    chip.space.write32(base + TimerRegister.PSC, 7);
    expect(chip.space.read32(base + TimerRegister.PSC)).toBe(0);
    chip.rcc.enable('TIM3');
    chip.space.write32(base + TimerRegister.PSC, 7);
    expect(chip.timer(3).readRegister(TimerRegister.PSC)).toBe(7);
  });

  it('find what was wired to them before', () => {
    const { chip } = chipOnBench();
    chip.pin('X1').configure({ mode: 2, alternate: 1 });
    chip.rcc.enable('TIM2');
    const timer = chip.timer(2);
    timer.writeRegister(TimerRegister.CCMR1, 5 << 4);
    timer.writeRegister(TimerRegister.CCER, 1);
    expect(chip.pin('X1').bit).toBe(1);
  });

  it('leave the pins of the debug unit pulled from the beginning', () => {
    const { trace } = chipOnBench();
    expect(trace.channels.filter(({ kind }) => kind === 'digital').map(({ name }) => name)).toContain('LED_RED');
  });

  it('are reset with the chip', () => {
    const { chip } = chipOnBench();
    chip.rcc.enable('TIM4');
    chip.timer(4).writeRegister(TimerRegister.PSC, 5);
    chip.reset(0);
    expect(chip.timer(4).readRegister(TimerRegister.PSC)).toBe(0);
    expect(chip.timer(4).clocked).toBe(false);
  });
});

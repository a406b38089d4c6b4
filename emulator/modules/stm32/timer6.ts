/** Timer 6 at a frequency, for timed conversions (timer_tim6_init). It is set up and does not run. */
import type { Timer } from '../../peripherals/timer.ts';
import { hardware } from '../hardware.ts';
import { configureTimeBase, sourceFrequency, timerOf } from './timer.ts';

/** @param frequency Hz; 0 and less give the fastest */
export function initTimer6(frequency: number): Timer {
  hardware().chip.rcc.enable('TIM6');
  const timer = timerOf(6);
  const unsigned = frequency >>> 0;
  let period = unsigned === 0 ? 1 : Math.max(1, Math.floor(sourceFrequency(6) / unsigned));
  let prescaler = 1;
  while (period > 0xffff) {
    period = Math.floor(period / 2);
    prescaler *= 2;
  }
  configureTimeBase(timer, { prescaler: prescaler - 1, period: period - 1, mode: 0, division: 0 });
  return timer;
}

/** What the HAL does to a timer's registers (RM0090 sections 17 and 18), for pyb.Timer, LEDs, servos and timed conversions. */
import { Cr1, type Timer, TimerRegister } from '../../peripherals/timer.ts';
import { hardware } from '../hardware.ts';

const CCXE = 0x1111;
const CCXNE = 0x0444;
const MOE = 0x8000;

export const UPDATE = 1;

export const timerOf = (number: number): Timer => hardware().chip.timer(number);

/** Hz at which the timer's prescaler counts. */
export function sourceFrequency(number: number): number {
  const { chip } = hardware();
  const { timer1, timer2 } = chip.rcc.frequencies;
  return chip.data.peripherals[`TIM${number}`].bus === 'apb1' ? timer1 : timer2;
}

export function modify(timer: Timer, register: number, clear: number, set: number): void {
  timer.writeRegister(register, ((timer.peek(register) & ~clear) | set) >>> 0);
}

export interface TimeBase {
  readonly prescaler: number;
  readonly period: number;
  /** CR1's CMS and DIR. */
  readonly mode: number;
  /** CR1's CKD. */
  readonly division: number;
}

/** HAL_TIM_Base_Init: the counter starts over, the reload register is not buffered. */
export function configureTimeBase(timer: Timer, { prescaler, period, mode, division }: TimeBase): void {
  const { features } = timer;
  let clear = Cr1.ARPE;
  let set = 0;
  if (features.directions === 'all') {
    clear |= Cr1.DIR | Cr1.CMS;
    set |= mode;
  }
  if (features.channels > 0) {
    clear |= 0x300;
    set |= division;
  }
  modify(timer, TimerRegister.CR1, clear, set);
  timer.writeRegister(TimerRegister.ARR, period);
  timer.writeRegister(TimerRegister.PSC, prescaler);
  if (features.repetition) timer.writeRegister(TimerRegister.RCR, 0);
  timer.writeRegister(TimerRegister.EGR, 1);
  timer.clearFlags(UPDATE);
}

export const start = (timer: Timer): void => modify(timer, TimerRegister.CR1, 0, Cr1.CEN);

/** Stops the counter unless a channel still needs it. */
export function stopUnlessUsed(timer: Timer): void {
  if ((timer.peek(TimerRegister.CCER) & (CCXE | CCXNE)) === 0) modify(timer, TimerRegister.CR1, Cr1.CEN, 0);
}

/** Whether channel `channel` (from 1) has a complementary output. */
export const hasComplement = (timer: Timer, channel: number): boolean => channel <= timer.features.complementary;

const ccmrOf = (channel: number) => (channel <= 2 ? TimerRegister.CCMR1 : TimerRegister.CCMR2);
const halfOf = (channel: number) => ((channel - 1) & 1) * 8;
export const compareRegister = (channel: number): number => TimerRegister.CCR1 + 4 * (channel - 1);

export interface OutputConfig {
  /** OCxM, as the HAL has it: in bits 4 to 6. */
  readonly mode: number;
  readonly pulse: number;
  /** CCxP's bit: 0 or 2. */
  readonly polarity: number;
  /** CCxNP's bit: 0 or 8. */
  readonly complementPolarity: number;
  /** The compare register takes effect at the next update. */
  readonly preload: boolean;
}

/** HAL_TIM_OC_ConfigChannel and HAL_TIM_PWM_ConfigChannel. */
export function configureOutput(timer: Timer, channel: number, config: OutputConfig): void {
  const shift = (channel - 1) * 4;
  const advanced = timer.features.complementary > 0;
  modify(timer, TimerRegister.CCER, 1 << shift, 0);
  let polarity = config.polarity;
  let cleared = 2;
  if (hasComplement(timer, channel)) {
    cleared |= 8 | 4;
    polarity |= config.complementPolarity;
  }
  if (advanced) modify(timer, TimerRegister.CR2, 0, 0x300 << ((channel - 1) * 2));
  const half = halfOf(channel);
  modify(timer, ccmrOf(channel), 0x73 << half, config.mode << half);
  timer.writeRegister(compareRegister(channel), config.pulse);
  modify(timer, TimerRegister.CCER, cleared << shift, polarity << shift);
  if (config.preload) modify(timer, ccmrOf(channel), 0x04 << half, 0x08 << half);
}

/** HAL_TIM_OC_Start and HAL_TIM_PWM_Start. */
export function startOutput(timer: Timer, channel: number): void {
  modify(timer, TimerRegister.CCER, 0, 1 << ((channel - 1) * 4));
  if (timer.features.complementary > 0) modify(timer, TimerRegister.BDTR, 0, MOE);
  start(timer);
}

/** HAL_TIMEx_OCN_Start and HAL_TIMEx_PWMN_Start. */
export function startComplement(timer: Timer, channel: number): void {
  modify(timer, TimerRegister.CCER, 0, 4 << ((channel - 1) * 4));
  modify(timer, TimerRegister.BDTR, 0, MOE);
  start(timer);
}

/** HAL_TIM_OC_Stop_IT and its like. */
export function stopChannel(timer: Timer, channel: number, isOutput: boolean): void {
  modify(timer, TimerRegister.DIER, 1 << channel, 0);
  modify(timer, TimerRegister.CCER, 1 << ((channel - 1) * 4), 0);
  if (isOutput && timer.features.complementary > 0 && (timer.peek(TimerRegister.CCER) & (CCXE | CCXNE)) === 0)
    modify(timer, TimerRegister.BDTR, MOE, 0);
  stopUnlessUsed(timer);
}

/** HAL_TIM_IC_ConfigChannel: each edge of the channel's own pin. `polarity` is CCxP and CCxNP. */
export function configureInput(timer: Timer, channel: number, polarity: number): void {
  const shift = (channel - 1) * 4;
  const half = halfOf(channel);
  modify(timer, TimerRegister.CCER, 1 << shift, 0);
  modify(timer, ccmrOf(channel), 0xff << half, 1 << half);
  modify(timer, TimerRegister.CCER, 0xa << shift, polarity << shift);
}

export function startInput(timer: Timer, channel: number): void {
  modify(timer, TimerRegister.CCER, 0, 1 << ((channel - 1) * 4));
  start(timer);
}

/** HAL_TIM_Encoder_Init and HAL_TIM_Encoder_Start. `mode` is SMS. */
export function startEncoder(timer: Timer, base: TimeBase, mode: number, polarity: number): void {
  modify(timer, TimerRegister.DIER, UPDATE, 0);
  modify(timer, TimerRegister.SMCR, 0x4007, 0);
  configureTimeBase(timer, base);
  modify(timer, TimerRegister.SMCR, 0, mode);
  modify(timer, TimerRegister.CCMR1, 0xffff, 0x0101);
  modify(timer, TimerRegister.CCER, 0xaa, polarity | (polarity << 4));
  timer.writeRegister(TimerRegister.CNT, 0);
  modify(timer, TimerRegister.CCER, 0, 0x11);
  start(timer);
}

/** Dead time in ticks as BDTR's DTG, and back (RM0090 section 17.4.18). */
export function deadTimeField(ticks: number): number {
  if (ticks <= 0) return 0;
  if (ticks < 128) return ticks;
  if (ticks < 256) return 0x80 | Math.floor((ticks - 128) / 2);
  if (ticks < 512) return 0xc0 | Math.floor((ticks - 256) / 8);
  if (ticks < 1008) return 0xe0 | Math.floor((ticks - 512) / 16);
  return 0xff;
}

export function deadTimeTicks(field: number): number {
  if ((field & 0x80) === 0) return field & 0x7f;
  if ((field & 0x40) === 0) return 128 + (field & 0x3f) * 2;
  if ((field & 0x20) === 0) return 256 + (field & 0x1f) * 8;
  return 512 + (field & 0x1f) * 16;
}

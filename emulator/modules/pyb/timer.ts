/** pyb.Timer (ports/stm32/timer.c). The registers hold what a timer does; here are the callbacks and the arithmetic. */

import { MpFloat, newFloat } from '../../objects/float.ts';
import { checkArgCount, fun1, fun2, funKw, funVar, parseArgs } from '../../objects/function.ts';
import { Cr1, type Timer, TimerRegister } from '../../peripherals/timer.ts';
import { isCallable } from '../../vm/call.ts';
import { toInt } from '../../vm/operators.ts';
import { stdout } from '../../vm/printing.ts';
import { raiseTypeError, raiseValueError } from '../../vm/raise.ts';
import { now } from '../../vm/service.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { type KwArgs, MpObj, type Printer, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { dispatchIrq, IrqPriority } from '../interrupts.ts';
import {
  configureTimeBase,
  deadTimeField,
  deadTimeTicks,
  modify,
  sourceFrequency,
  start,
  stopUnlessUsed,
  type TimeBase,
  timerOf,
  UPDATE,
} from '../stm32/timer.ts';
import { addChannel, type MpTimerChannel, setChannelCallback } from './timer-channel.ts';

const DIR = 0x10;
const CENTER = 0x20;
const MODES = new Set([0, DIR, 0x20, 0x40, 0x60]);
const Break = { OFF: 0, LOW: 1, HIGH: 2 } as const;

export class MpTimer extends MpObj {
  callback: Value = null;
  hard = true;
  /** It has been initialised, and not been shut down. */
  active = false;
  base: TimeBase = { prescaler: 0, period: 0, mode: 0, division: 0 };
  channels: MpTimerChannel[] = [];

  private readonly block: Timer;

  constructor(readonly id: number) {
    super(timerType);
    vm.heap.alloc(96);
    this.block = timerOf(id);
  }

  /** Its registers, at the program's time. */
  get hardware(): Timer {
    now();
    return this.block;
  }
  /** The greatest value that it can count to. */
  get max(): number {
    return this.hardware.features.bits === 32 ? 0xffff_ffff : 0xffff;
  }
  get period(): number {
    return this.hardware.peek(TimerRegister.ARR);
  }
}

const KEY = Symbol('timers');

function timers(): Map<number, MpTimer> {
  return vm.volatileStateOf(KEY, () => {
    const all = new Map<number, MpTimer>();
    vm.roots.add(() => [...all.values()].flatMap(timer => [timer, timer.callback, ...timer.channels.flatMap(c => [c, c.callback])]));
    return all;
  });
}

const OTHERS = Symbol('other users of timers');

/** Who else has a timer's interrupts handled, after a pyb.Timer of that number: the servos. */
export const otherUsers = (): Map<number, () => void> => vm.volatileStateOf(OTHERS, () => new Map());

/** The firmware's interrupt handlers: several timers may share one. */
export function enableInterrupt(name: string, priority: number = IrqPriority.TIMX): void {
  const { chip } = hardware();
  const irq = chip.irq(name);
  const served: number[] = [];
  for (const [number, { interrupts }] of Object.entries(chip.data.timers))
    if (interrupts.update === name || interrupts.capture === name) served.push(Number(number));
  chip.nvic.setHandler(irq, () => {
    for (const number of served) {
      handleTimer(number);
      otherUsers().get(number)?.();
    }
  });
  chip.nvic.enable(irq, priority);
}

/** The firmware's handler of a timer's interrupts. */
function handleTimer(number: number): void {
  const timer = timers().get(number);
  if (timer === undefined) return;
  const block = timer.hardware;
  let handled = UPDATE;
  handleFlag(timer, block, 0, timer.callback);
  for (const channel of timer.channels) {
    now();
    handleFlag(timer, block, channel.channel, channel.callback);
    handled |= 1 << channel.channel;
  }
  const unhandled = block.peek(TimerRegister.DIER) & 0xff & ~handled;
  if (unhandled === 0) return;
  modify(block, TimerRegister.DIER, unhandled, 0);
  block.clearFlags(unhandled);
  stdout.write(`unhandled interrupt SR=0x${unhandled.toString(16).padStart(2, '0')} (now disabled)\n`);
}

function handleFlag(timer: MpTimer, block: Timer, channel: number, callback: Value): void {
  const mask = 1 << channel;
  if ((block.peek(TimerRegister.SR) & block.peek(TimerRegister.DIER) & mask) === 0) return;
  block.clearFlags(mask);
  if (dispatchIrq(callback, timer, timer.hard)) return;
  timer.callback = null;
  modify(block, TimerRegister.DIER, mask, 0);
}

export function enableTimerInterrupt(timer: MpTimer, kind: 'update' | 'capture'): void {
  enableInterrupt(timer.hardware.features.interrupts[kind]);
}

const single = Math.fround;

/** Prescaler and period for a frequency in Hz, which may be a float. */
function fromFrequency(timer: MpTimer, value: Value): { prescaler: number; period: number } {
  const source = sourceFrequency(timer.id);
  let prescaler = 1;
  let period: number;
  if (value instanceof MpFloat) {
    let frequency = single(value.value);
    if (!(frequency > 0)) raiseValueError('must have positive freq');
    while (frequency < 1 && prescaler < 6553) {
      prescaler *= 10;
      frequency = single(frequency * 10);
    }
    period = Math.trunc(single(single(source) / frequency));
  } else {
    const frequency = toInt(value);
    if (frequency <= 0) raiseValueError('must have positive freq');
    period = Math.floor(source / frequency);
  }
  period = Math.max(1, period);
  while (period > timer.max) {
    if (period % 5 === 0) {
      prescaler *= 5;
      period /= 5;
    } else if (period % 3 === 0) {
      prescaler *= 3;
      period /= 3;
    } else {
      prescaler *= 2;
      period = Math.floor(period / 2);
    }
  }
  return { prescaler: (prescaler - 1) & 0xffff, period: period - 1 };
}

/** Prescaler and period for `count` / `rate` seconds. */
function fromPeriod(timer: MpTimer, count: number, rate: number): { prescaler: number; period: number } {
  if (count <= 0 || rate <= 0) raiseValueError('must have positive freq');
  let period = Number((BigInt(sourceFrequency(timer.id)) * BigInt(count)) / BigInt(rate));
  let prescaler = 1;
  while (period > timer.max) {
    if (prescaler <= 13107 && period % 5 === 0) {
      prescaler *= 5;
      period /= 5;
    } else if (prescaler <= 21845 && period % 3 === 0) {
      prescaler *= 3;
      period /= 3;
    } else {
      const odd = period % 2;
      prescaler *= 2;
      period = Math.floor(period / 2);
      if (period < prescaler && odd === 1) prescaler |= 1;
      if (prescaler > 0x10000) raiseValueError('period too large');
    }
  }
  return { prescaler: (prescaler - 1) & 0xffff, period: period > 0 ? period - 1 : timer.max };
}

/** Counts that are 100 % of a pulse width: centre-aligned, one less. */
export function fullWidth(timer: MpTimer): number {
  const { period } = timer;
  return period !== 0xffff_ffff && (timer.base.mode === 0 || timer.base.mode === DIR) ? period + 1 : period;
}

const INIT_ARGS = [
  { name: 'freq', kwOnly: true, default: null },
  { name: 'prescaler', kwOnly: true, as: 'int', default: -1 },
  { name: 'period', kwOnly: true, as: 'int', default: -1 },
  { name: 'tick_hz', kwOnly: true, as: 'int', default: 1000 },
  { name: 'mode', kwOnly: true, as: 'int', default: 0 },
  { name: 'div', kwOnly: true, as: 'int', default: 1 },
  { name: 'callback', kwOnly: true, default: null },
  { name: 'deadtime', kwOnly: true, as: 'int', default: 0 },
  { name: 'brk', kwOnly: true, as: 'int', default: Break.OFF },
  { name: 'hard', kwOnly: true, as: 'bool', default: true },
] as const;

function init(timer: MpTimer, args: readonly Value[], kw: KwArgs): void {
  const [freq, prescaler, period, tickHz, mode, div, callback, deadTime, brk, hard] = parseArgs(INIT_ARGS, args, kw) as [
    ...[Value, number, number, number, number, number, Value, number, number],
    boolean,
  ];
  let scale: { prescaler: number; period: number };
  if (freq !== null) scale = fromFrequency(timer, freq);
  else if (prescaler !== -1 && period !== -1) scale = { prescaler, period };
  else if (period !== -1) scale = fromPeriod(timer, period, tickHz);
  else raiseTypeError('must specify either freq, period, or prescaler and period');
  if (!MODES.has(mode)) raiseValueError(`invalid mode (${mode})`);
  timer.base = { ...scale, mode, division: div === 2 ? 0x100 : div === 4 ? 0x200 : 0 };
  hardware().chip.rcc.enable(`TIM${timer.id}`);
  const block = timer.hardware;
  configureTimeBase(block, timer.base);
  timer.active = true;
  if (block.features.complementary > 0) {
    const breaking = brk === Break.OFF ? 0 : 0x1000;
    modify(block, TimerRegister.BDTR, 0xffff, deadTimeField(deadTime) | breaking | (brk === Break.LOW ? 0 : 0x2000));
  }
  // The reload register is buffered, so that the frequency changes smoothly.
  modify(block, TimerRegister.CR1, 0, Cr1.ARPE);
  timer.hard = hard;
  if (callback === null) start(block);
  else setCallback(timer, callback);
}

function setCallback(timer: MpTimer, callback: Value): void {
  const block = timer.hardware;
  if (callback !== null && !isCallable(callback)) raiseValueError('callback must be None or a callable object');
  modify(block, TimerRegister.DIER, UPDATE, 0);
  timer.callback = callback;
  if (callback === null) return;
  block.clearFlags(UPDATE);
  stopUnlessUsed(block);
  modify(block, TimerRegister.DIER, 0, UPDATE);
  start(block);
  enableTimerInterrupt(timer, 'update');
}

function deinit(timer: MpTimer): void {
  setCallback(timer, null);
  const { channels } = timer;
  timer.channels = [];
  for (const channel of channels) setChannelCallback(channel, null);
  timer.active = false;
  timer.hardware.writeRegister(TimerRegister.CCER, 0);
  timer.hardware.writeRegister(TimerRegister.CR1, 0);
}

/** What a soft reset does to all timers. */
export function deinitTimers(): void {
  for (const timer of timers().values()) deinit(timer);
}

/** The block of a guest's timer, for what runs at its pace. Raises ValueError for anything else. */
export function timerArgument(value: Value): MpTimer {
  if (!(value instanceof MpTimer)) raiseValueError('need a Timer object');
  return value;
}

function frequencyOf(timer: MpTimer): Value {
  const block = timer.hardware;
  const prescaler = block.peek(TimerRegister.PSC) + 1;
  const period = timer.period + 1;
  const source = sourceFrequency(timer.id);
  if (source % prescaler !== 0) return newFloat(single(single(source / prescaler) / period));
  const scaled = source / prescaler;
  return scaled % period === 0 ? scaled / period : newFloat(scaled / period);
}

function print(out: Printer, timer: MpTimer): void {
  if (!timer.active) {
    out.write(`Timer(${timer.id})`);
    return;
  }
  const block = timer.hardware;
  const prescaler = block.peek(TimerRegister.PSC);
  const { period, base } = timer;
  // A 32-bit product, as the reference's.
  const divisor = Number((BigInt(prescaler + 1) * BigInt(period + 1)) & 0xffff_ffffn);
  const frequency = divisor === 0 ? 0 : Math.floor(sourceFrequency(timer.id) / divisor);
  const mode = base.mode === 0 ? 'UP' : base.mode === DIR ? 'DOWN' : 'CENTER';
  const division = base.division === 0x200 ? 4 : base.division === 0x100 ? 2 : 1;
  out.write(`Timer(${timer.id}, freq=${frequency}, prescaler=${prescaler}, period=${period}, mode=${mode}, div=${division}`);
  if (block.features.complementary > 0) {
    const bdtr = block.peek(TimerRegister.BDTR);
    const name = (bdtr & 0x1000) === 0 ? 'BRK_OFF' : bdtr & 0x2000 ? 'BRK_HIGH' : 'BRK_LOW';
    out.write(`, deadtime=${deadTimeTicks(bdtr & 0xff)}, brk=${name}`);
  }
  out.write(')');
}

const self = (value: Value) => value as MpTimer;

/** A method that gets a value without an argument, and sets it with one. */
const accessor = (get: (timer: MpTimer) => Value, set: (timer: MpTimer, value: Value) => void) =>
  funVar(1, 2, args => {
    if (args.length === 1) return get(self(args[0]));
    set(self(args[0]), args[1]);
    return null;
  });

const registerAccessor = (register: number, mask: (timer: MpTimer) => number) =>
  accessor(
    timer => timer.hardware.peek(register),
    (timer, value) => timer.hardware.writeRegister(register, (toInt(value) & mask(timer)) >>> 0),
  );

export const timerType: MpType = new MpType('Timer', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 1, Infinity, true);
    const id = toInt(args[0]);
    if (!(id in hardware().chip.data.timers)) raiseValueError(`Timer(${id}) doesn't exist`);
    let timer = timers().get(id);
    if (timer === undefined) timers().set(id, (timer = new MpTimer(id)));
    if (args.length > 1 || kw !== null) init(timer, args.slice(1), kw);
    return timer;
  },
  print,
  locals: (): Locals => [
    ['init', funKw(1, (args, kw) => (init(self(args[0]), args.slice(1), kw), null))],
    ['deinit', fun1(timer => (deinit(self(timer)), null))],
    ['channel', funKw(2, (args, kw) => addChannel(self(args[0]), args.slice(1), kw))],
    ['counter', registerAccessor(TimerRegister.CNT, () => 0xffff_ffff)],
    ['source_freq', fun1(timer => sourceFrequency(self(timer).id))],
    [
      'freq',
      accessor(frequencyOf, (timer, value) => {
        const { prescaler, period } = fromFrequency(timer, value);
        timer.hardware.writeRegister(TimerRegister.PSC, prescaler);
        timer.hardware.writeRegister(TimerRegister.ARR, period);
      }),
    ],
    ['prescaler', registerAccessor(TimerRegister.PSC, () => 0xffff)],
    ['period', registerAccessor(TimerRegister.ARR, timer => timer.max)],
    ['callback', fun2((timer, callback) => (setCallback(self(timer), callback), null))],
    ...CONSTANTS,
  ],
});

const CONSTANTS: Locals = [
  ['UP', 0],
  ['DOWN', DIR],
  ['CENTER', CENTER],
  ...['PWM', 'PWM_INVERTED', 'OC_TIMING', 'OC_ACTIVE', 'OC_INACTIVE', 'OC_TOGGLE', 'OC_FORCED_ACTIVE', 'OC_FORCED_INACTIVE'].map(
    (name, index) => [name, index] as const,
  ),
  ['IC', 8],
  ['ENC_A', 9],
  ['ENC_B', 10],
  ['ENC_AB', 11],
  ['HIGH', 0],
  ['LOW', 2],
  ['RISING', 0],
  ['FALLING', 2],
  ['BOTH', 10],
  ['BRK_OFF', Break.OFF],
  ['BRK_LOW', Break.LOW],
  ['BRK_HIGH', Break.HIGH],
];

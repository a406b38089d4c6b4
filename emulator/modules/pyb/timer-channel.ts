/** pyb's TimerChannel (ports/stm32/timer.c): pulse widths, compare, capture and encoders. */
import { MpFloat, newFloat } from '../../objects/float.ts';
import { fun2, funVar, parseArgs } from '../../objects/function.ts';
import { PinMode } from '../../peripherals/gpio.ts';
import { TimerRegister } from '../../peripherals/timer.ts';
import { isCallable } from '../../vm/call.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { type KwArgs, MpObj, type Printer, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import {
  compareRegister,
  configureInput,
  configureOutput,
  hasComplement,
  modify,
  startComplement,
  startEncoder,
  startInput,
  startOutput,
  stopChannel,
  UPDATE,
} from '../stm32/timer.ts';
import { findAlternate } from './alternate.ts';
import { MpPin } from './pin.ts';
import { enableTimerInterrupt, fullWidth, type MpTimer } from './timer.ts';

/** Modes in the order of their numbers, with what the registers take: OCxM, or SMS for an encoder. */
const MODES = [
  { name: 'PWM', kind: 'pwm', value: 0x60 },
  { name: 'PWM_INVERTED', kind: 'pwm', value: 0x70 },
  { name: 'OC_TIMING', kind: 'compare', value: 0x00 },
  { name: 'OC_ACTIVE', kind: 'compare', value: 0x10 },
  { name: 'OC_INACTIVE', kind: 'compare', value: 0x20 },
  { name: 'OC_TOGGLE', kind: 'compare', value: 0x30 },
  { name: 'OC_FORCED_ACTIVE', kind: 'compare', value: 0x50 },
  { name: 'OC_FORCED_INACTIVE', kind: 'compare', value: 0x40 },
  { name: 'IC', kind: 'capture', value: 0 },
  { name: 'ENC_A', kind: 'encoder', value: 1 },
  { name: 'ENC_B', kind: 'encoder', value: 2 },
  { name: 'ENC_AB', kind: 'encoder', value: 3 },
] as const;

const ENCODER_TIMERS = new Set([1, 2, 3, 4, 5, 8]);

export class MpTimerChannel extends MpObj {
  callback: Value = null;

  constructor(
    readonly timer: MpTimer,
    readonly channel: number,
    readonly mode: number,
  ) {
    super(timerChannelType);
    vm.heap.alloc(20);
  }
}

/** Counts of a pulse that takes `percent` of `period`. */
function widthOf(period: number, percent: Value): number {
  if (percent instanceof MpFloat) {
    const value = percent.value;
    if (value <= 0) return 0;
    if (value >= 100) return period;
    return Math.trunc(Math.fround(Math.fround(value / 100) * Math.fround(period)));
  }
  const value = toInt(percent);
  if (value <= 0) return 0;
  if (value >= 100) return period;
  return period > 42_949_672 ? value * Math.floor(period / 100) : Math.floor((value * period) / 100);
}

const CHANNEL_ARGS = [
  { name: 'mode', required: true, as: 'int' },
  { name: 'callback', kwOnly: true, default: null },
  { name: 'pin', kwOnly: true, default: null },
  { name: 'pulse_width', kwOnly: true, as: 'int', default: 0 },
  { name: 'pulse_width_percent', kwOnly: true, default: null },
  { name: 'compare', kwOnly: true, as: 'int', default: 0 },
  { name: 'polarity', kwOnly: true, as: 'int', default: -1 },
] as const;

/** Timer.channel(): the channel there is, or a new one in its place. */
export function addChannel(timer: MpTimer, args: readonly Value[], kw: KwArgs): Value {
  const number = toInt(args[0]);
  if (number < 1 || number > 4) raiseValueError(`invalid channel (${number})`);
  const before = timer.channels.find(({ channel }) => channel === number);
  if (args.length === 1 && kw === null) return before ?? null;
  if (before !== undefined) {
    setChannelCallback(before, null);
    timer.channels = timer.channels.filter(channel => channel !== before);
  }
  const [mode, callback, pin, width, percent, compare, polarity] = parseArgs(CHANNEL_ARGS, args.slice(1), kw) as [
    ...[number, Value, Value, number, Value, number, number],
  ];
  const channel = new MpTimerChannel(timer, number, mode);
  channel.callback = callback;
  if (pin !== null) connect(timer, pin);
  timer.channels = [channel, ...timer.channels];
  configure(channel, percent === null ? width >>> 0 : widthOf(fullWidth(timer), percent), compare >>> 0, polarity);
  return channel;
}

function connect(timer: MpTimer, pin: Value): void {
  if (!(pin instanceof MpPin)) raiseValueError('pin argument needs to be a Pin type');
  const alternate = findAlternate(pin.gpio, 'TIM', timer.id);
  if (alternate === undefined) raiseValueError(`Pin(${pin.cpuName}) doesn't have an alt for Timer(${timer.id})`);
  pin.gpio.configure({ mode: PinMode.ALTERNATE, alternate: alternate.index, openDrain: false, pull: 0, speed: 2 });
}

function configure(self: MpTimerChannel, width: number, compare: number, polarity: number): void {
  const { timer, channel } = self;
  const block = timer.hardware;
  const mode = MODES[self.mode];
  if (mode === undefined) raiseValueError(`invalid mode (${self.mode})`);
  const outputPolarity = polarity === -1 ? 0 : polarity;
  switch (mode.kind) {
    case 'pwm':
      configureOutput(block, channel, { mode: mode.value, pulse: width, polarity: 0, complementPolarity: 0, preload: true });
      break;
    case 'compare':
      if (outputPolarity !== 0 && outputPolarity !== 2) raiseValueError(`invalid polarity (${outputPolarity})`);
      configureOutput(block, channel, {
        mode: mode.value,
        pulse: compare,
        polarity: outputPolarity,
        complementPolarity: outputPolarity === 0 ? 0 : 8,
        preload: false,
      });
      break;
    case 'capture':
      checkEdges(outputPolarity);
      configureInput(block, channel, outputPolarity);
      break;
    case 'encoder':
      checkEdges(outputPolarity);
      if (!ENCODER_TIMERS.has(timer.id)) raiseValueError(`encoder not supported on timer ${timer.id}`);
      startEncoder(block, timer.base, mode.value, outputPolarity);
      if (timer.callback !== null) {
        block.clearFlags(UPDATE);
        modify(block, TimerRegister.DIER, 0, UPDATE);
      }
      return;
  }
  if (self.callback !== null) setChannelCallback(self, self.callback);
  else startChannel(self);
  if (mode.kind !== 'capture' && hasComplement(block, channel)) startComplement(block, channel);
}

function checkEdges(polarity: number): void {
  if (polarity !== 0 && polarity !== 2 && polarity !== 10) raiseValueError(`invalid polarity (${polarity})`);
}

function startChannel({ timer, channel, mode }: MpTimerChannel): void {
  if (MODES[mode].kind === 'capture') startInput(timer.hardware, channel);
  else startOutput(timer.hardware, channel);
}

export function setChannelCallback(self: MpTimerChannel, callback: Value): void {
  const { timer, channel } = self;
  const block = timer.hardware;
  if (callback === null) {
    modify(block, TimerRegister.DIER, 1 << channel, 0);
    self.callback = null;
    return;
  }
  if (!isCallable(callback)) raiseValueError('callback must be None or a callable object');
  self.callback = callback;
  block.clearFlags(1 << channel);
  enableTimerInterrupt(timer, 'capture');
  const kind = MODES[self.mode]?.kind;
  if (kind === undefined || kind === 'encoder') return;
  stopChannel(block, channel, kind !== 'capture');
  modify(block, TimerRegister.DIER, 0, 1 << channel);
  startChannel(self);
}

const self = (value: Value) => value as MpTimerChannel;

function value(args: readonly Value[]): Value {
  const { timer, channel } = self(args[0]);
  const register = compareRegister(channel);
  if (args.length === 1) return timer.hardware.readRegister(register);
  timer.hardware.writeRegister(register, (toInt(args[1]) & timer.max) >>> 0);
  return null;
}

function percentage(args: readonly Value[]): Value {
  const { timer, channel } = self(args[0]);
  const register = compareRegister(channel);
  const period = fullWidth(timer);
  if (args.length === 1) {
    const width = timer.hardware.readRegister(register);
    return newFloat(width >= period ? 100 : Math.fround(width * 100) / period);
  }
  timer.hardware.writeRegister(register, (widthOf(period, args[1]) & timer.max) >>> 0);
  return null;
}

export const timerChannelType: MpType = new MpType('TimerChannel', {
  print(out: Printer, channel: MpTimerChannel) {
    out.write(`TimerChannel(timer=${channel.timer.id}, channel=${channel.channel}, mode=${MODES[channel.mode]?.name ?? ''})`);
  },
  locals: (): Locals => {
    const widthMethod = funVar(1, 2, value);
    return [
      ['callback', fun2((channel, callback) => (setChannelCallback(self(channel), callback), null))],
      ['pulse_width', widthMethod],
      ['pulse_width_percent', funVar(1, 2, percentage)],
      ['capture', widthMethod],
      ['compare', widthMethod],
    ];
  },
});

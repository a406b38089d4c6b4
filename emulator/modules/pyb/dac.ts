/** pyb.DAC (ports/stm32/dac.c): single values, noise, triangles, and buffers that DMA plays at a timer's pace. */
import { bufferOf } from '../../objects/buffer.ts';
import { checkArgCount, fun1, fun2, funKw, parseArgs } from '../../objects/function.ts';
import { isInt } from '../../objects/int.ts';
import { DacCr, DacRegister } from '../../peripherals/dac.ts';
import { DmaCr } from '../../peripherals/dma.ts';
import { PinMode } from '../../peripherals/gpio.ts';
import { type Timer, TimerRegister } from '../../peripherals/timer.ts';
import { isTrue, toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { BufferFlag, type Locals, MpType } from '../../vm/type.ts';
import { type KwArgs, MpObj, type Printer, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { modify as modifyTimer, start } from '../stm32/timer.ts';
import { initTimer6 } from '../stm32/timer6.ts';
import { findPin } from './pin.ts';
import { timerArgument } from './timer.ts';

const NORMAL = 0;
/** DMA starts over at the end of the buffer: CIRC of a stream's CR. */
const CIRCULAR = 0x100;

/** What timer drives a channel: TEN and TSEL by the timer's number (RM0090 table 75). */
const TRIGGERS: Readonly<Record<number, number>> = { 6: 0x04, 8: 0x0c, 7: 0x14, 5: 0x1c, 2: 0x24, 4: 0x2c };
const FULL_AMPLITUDE = 0xb00;
const NOISE = 0x40;
const TRIANGLE = 0x80;

/** DMA1's streams of the two channels, and the channel that they listen to. */
const STREAMS = { 1: 5, 2: 6 } as const;
const DMA_CHANNEL = 7 << 25;

class MpDac extends MpObj {
  bits = 0;
  /** BOFF for single values, and for waveforms. */
  single = 0;
  waveform = 0;

  constructor(readonly id: 1 | 2) {
    super(dacType);
  }

  get shift(): number {
    return this.id === 1 ? 0 : 16;
  }
  get holding(): number {
    return this.id === 1 ? DacRegister.DHR12R1 : DacRegister.DHR12R2;
  }
}

const KEY = Symbol('DACs');

const dacs = () =>
  vm.volatileStateOf(KEY, () => {
    const made = { 1: new MpDac(1), 2: new MpDac(2), buffers: [] as (Value | undefined)[] };
    // DMA reads the buffer for as long as it plays.
    vm.roots.add(() => made.buffers.filter(buffer => buffer !== undefined));
    return made;
  });

const block = () => hardware().chip.dac!;

function modify(self: MpDac, clear: number, set: number): void {
  const cr = block().readRegister(DacRegister.CR);
  block().writeRegister(DacRegister.CR, ((cr & ~(clear << self.shift)) | (set << self.shift)) >>> 0);
}

const stream = (self: MpDac) => hardware().chip.dma(1).streams[STREAMS[self.id]];

function stopDma(self: MpDac): void {
  const used = stream(self);
  if (used.cr & DmaCr.EN) used.writeCr(used.cr & ~DmaCr.EN);
  used.clear(0x3d);
  used.buffer = undefined;
  dacs().buffers[self.id] = undefined;
}

const SETTINGS = DacCr.DMAEN | DacCr.MAMP | DacCr.WAVE | DacCr.TSEL | DacCr.TEN;

function configure(self: MpDac, control: number, buffering: number): void {
  modify(self, DacCr.EN, 0);
  modify(self, SETTINGS | DacCr.BOFF, control | buffering);
}

/** Sets the channel up anew only if it has to do something else than it does. */
function reconfigure(self: MpDac, control: number, buffering: number, value: number): void {
  const now = (block().readRegister(DacRegister.CR) >>> self.shift) & (SETTINGS | DacCr.EN);
  const restart = now !== (control | DacCr.EN);
  if (restart) {
    stopDma(self);
    configure(self, control, buffering);
  }
  block().writeRegister(self.holding, value >>> 0);
  if (restart) modify(self, 0, DacCr.EN);
}

const INIT_ARGS = [
  { name: 'bits', as: 'int', default: 8 },
  { name: 'buffering', kwOnly: true, default: null },
] as const;

function init(self: MpDac, args: readonly Value[], kw: KwArgs): void {
  const [bits, buffering] = parseArgs(INIT_ARGS, args, kw) as [number, Value];
  const { chip, hardware: wired } = hardware();
  chip.pin(wired.dacs.find(({ id }) => id === self.id)!.pin).configure({ mode: PinMode.ANALOG, pull: 0 });
  chip.rcc.enable('DAC');
  modify(self, DacCr.EN, 0);
  if (bits !== 8 && bits !== 12) raiseValueError('unsupported bits');
  self.bits = bits;
  self.single = buffering !== null && isTrue(buffering) ? 0 : DacCr.BOFF;
  self.waveform = buffering === null || isTrue(buffering) ? 0 : DacCr.BOFF;
}

function deinit(self: MpDac): void {
  modify(self, DacCr.EN, DacCr.BOFF);
}

/** What a soft reset does. */
export function deinitDacs(): void {
  if (hardware().chip.dac === undefined) return;
  for (const id of [1, 2] as const) {
    if (dacs()[id].bits === 0) continue;
    stopDma(dacs()[id]);
    deinit(dacs()[id]);
  }
}

/** The timer's update events go out as its trigger. */
function useAsTrigger(timer: Timer): void {
  modifyTimer(timer, TimerRegister.CR2, 0x70, 0x20);
  if (timer.features.slave) modifyTimer(timer, TimerRegister.SMCR, 0x80, 0);
}

function startTimer6(frequency: Value): void {
  const timer = initTimer6(toInt(frequency));
  useAsTrigger(timer);
  start(timer);
}

const WRITE_TIMED_ARGS = [
  { name: 'data', required: true },
  { name: 'freq', required: true },
  { name: 'mode', kwOnly: true, as: 'int', default: NORMAL },
] as const;

function writeTimed(args: readonly Value[], kw: KwArgs): Value {
  const self = args[0] as MpDac;
  const [data, pace, mode] = parseArgs(WRITE_TIMED_ARGS, args.slice(1), kw) as [Value, Value, number];
  const { bytes } = bufferOf(data, BufferFlag.Read);
  let trigger: number | undefined = TRIGGERS[6];
  if (isInt(pace) || typeof pace === 'boolean') startTimer6(pace);
  else {
    const timer = timerArgument(pace);
    useAsTrigger(timer.hardware);
    trigger = TRIGGERS[timer.id];
    if (trigger === undefined) raiseValueError('Timer does not support DAC triggering');
  }
  configure(self, DacCr.DMAEN | trigger, self.waveform);
  play(self, data, bytes, mode);
  return null;
}

function play(self: MpDac, owner: Value, bytes: Uint8Array, mode: number): void {
  const { chip } = hardware();
  chip.rcc.enable('DMA1');
  stopDma(self);
  const wide = self.bits !== 8;
  const used = stream(self);
  used.par = chip.data.peripherals.DAC.base + self.holding + (wide ? 0 : DacRegister.DHR8R1 - DacRegister.DHR12R1);
  used.m0ar = 0;
  used.ndtr = wide ? bytes.length >> 1 : bytes.length;
  used.buffer = bytes;
  dacs().buffers[self.id] = owner;
  const size = wide ? 0x2800 : 0;
  used.writeCr((DMA_CHANNEL | 0x40 | DmaCr.MINC | size | (mode & CIRCULAR) | DmaCr.EN) >>> 0);
  modify(self, 0, DacCr.EN);
}

const dac = (value: Value) => value as MpDac;

/** Noise or a triangle at a frequency: one step an update of timer 6. */
const generator = (wave: number) =>
  fun2((self, frequency) => {
    startTimer6(frequency);
    reconfigure(dac(self), FULL_AMPLITUDE | wave | TRIGGERS[6], dac(self).waveform, 0);
    return null;
  });

export const dacType: MpType = new MpType('DAC', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 1, Infinity, true);
    let id: number;
    if (isInt(args[0])) id = toInt(args[0]);
    else {
      const pin = findPin(args[0]);
      const output = hardware().hardware.dacs.find(candidate => candidate.pin === `P${pin.cpuName}`);
      if (output === undefined) raiseValueError(`Pin(${pin.cpuName}) doesn't have DAC capabilities`);
      ({ id } = output);
    }
    if (id !== 1 && id !== 2) raiseValueError(`DAC(${id}) doesn't exist`);
    const self = dacs()[id];
    if (self.bits === 0 || args.length > 1 || kw !== null) init(self, args.slice(1), kw);
    return self;
  },
  print: (out: Printer, { id, bits }: MpDac) => out.write(`DAC(${id}, bits=${bits})`),
  locals: (): Locals => [
    ['init', funKw(1, (args, kw) => (init(dac(args[0]), args.slice(1), kw), null))],
    ['deinit', fun1(self => (deinit(dac(self)), null))],
    [
      'write',
      fun2((self, value) => {
        reconfigure(dac(self), 0, dac(self).single, toInt(value) << (12 - dac(self).bits));
        return null;
      }),
    ],
    ['noise', generator(NOISE)],
    ['triangle', generator(TRIANGLE)],
    ['write_timed', funKw(1, writeTimed)],
    ['NORMAL', NORMAL],
    ['CIRCULAR', CIRCULAR],
  ],
});

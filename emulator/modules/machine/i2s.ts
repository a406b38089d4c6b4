/** machine.I2S (extmod/machine_i2s.c, ports/stm32/machine_i2s.c): sound in and out, blocking, with a callback, or as a stream for asyncio. */
import { bufferOf } from '../../objects/buffer.ts';
import { ERRNO } from '../../objects/errno-names.ts';
import { excTypes } from '../../objects/exception.ts';
import { checkArgCount, fun1, fun2, funKw, parseArgs } from '../../objects/function.ts';
import { MpStaticOrClassMethod, staticmethodType } from '../../objects/static-class-method.ts';
import { PollFlag, type StreamProtocol, StreamRequest, streamMethod } from '../../objects/stream.ts';
import { isCallable } from '../../vm/call.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseMessage, raiseValueError } from '../../vm/raise.ts';
import { scheduleCall } from '../../vm/scheduler.ts';
import { now, rebudget } from '../../vm/service.ts';
import { BufferFlag, type Locals, MpType, TypeFlag } from '../../vm/type.ts';
import { type KwArgs, MpObj, type Printer, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { findAlternate } from '../pyb/alternate.ts';
import { MpPin } from '../pyb/pin.ts';
import { HALF_BYTES, I2sDriver } from '../stm32/i2s-driver.ts';

const Mode = { RX: 0x300, TX: 0x200 } as const;
const Format = { MONO: 0, STEREO: 1 } as const;

/** Bytes of a frame as it comes in: two channels of 32 bits. */
const FRAME_BYTES = 8;
/** Most bytes that a callback's transfer moves in one interrupt. */
const BACKGROUND_BYTES = HALF_BYTES * 4;

/** Bytes of machine_i2s_obj_t, the DMA buffer in it. */
const OBJECT_BYTES = 656;

/** Where each byte of a received frame belongs in a sample; -1: nowhere. The halves of 32 bits come in the other order. */
const FRAME_MAPS = {
  mono16: [0, 1, -1, -1, -1, -1, -1, -1],
  mono32: [2, 3, 0, 1, -1, -1, -1, -1],
  stereo16: [0, 1, -1, -1, 2, 3, -1, -1],
  stereo32: [2, 3, 0, 1, 6, 7, 4, 5],
} as const;

class RingBuffer {
  private readonly bytes: Uint8Array;
  private head = 0;
  private tail = 0;

  constructor(readonly size: number) {
    this.bytes = new Uint8Array(size);
  }

  get available(): number {
    return (this.tail - this.head + this.size) % this.size;
  }
  /** One byte of it stays free. */
  get space(): number {
    return this.size - this.available - 1;
  }

  push(byte: number): void {
    this.bytes[this.tail] = byte;
    this.tail = (this.tail + 1) % this.size;
  }

  pop(): number {
    const byte = this.bytes[this.head];
    this.head = (this.head + 1) % this.size;
    return byte;
  }
}

interface Settings {
  readonly sck: MpPin;
  readonly ws: MpPin;
  readonly sd: MpPin;
  readonly mode: number;
  readonly bits: 16 | 32;
  readonly format: number;
  readonly rate: number;
  readonly ibuf: number;
}

class MpI2s extends MpObj {
  settings: Settings | undefined;
  callback: Value = null;
  ways: 'blocking' | 'callback' | 'asyncio' = 'blocking';
  private ring: RingBuffer | undefined;
  private readonly driver: I2sDriver;
  private background: { bytes: Uint8Array; done: number } | undefined;

  constructor(
    readonly id: number,
    spi: number,
  ) {
    super(i2sType);
    vm.heap.alloc(OBJECT_BYTES);
    this.driver = new I2sDriver(spi, half => this.halfDone(half));
  }

  init(args: readonly Value[], kw: KwArgs): void {
    const settings = parseSettings(this.id, args, kw);
    const { mode, bits, rate, ibuf } = settings;
    vm.heap.alloc(ibuf);
    this.ring = new RingBuffer(ibuf);
    this.settings = settings;
    this.callback = null;
    this.background = undefined;
    this.ways = 'blocking';
    for (const pin of [settings.sck, settings.ws, settings.sd]) {
      const { index } = findAlternate(pin.gpio, 'I2S', this.id)!;
      pin.gpio.configure({ mode: 2, alternate: index, openDrain: false, pull: 1, speed: 2 });
    }
    this.driver.buffer.fill(0);
    const transmits = mode === Mode.TX;
    // Microphones are read in 32 bits, whatever is wanted of them.
    const lineBits = transmits ? bits : 32;
    if (!this.driver.start(transmits, lineBits, rate, lineBits)) raiseMessage(excTypes.OSError, 'I2S init failed');
  }

  deinit(): void {
    if (this.ring === undefined) return;
    this.driver.stop();
    vm.heap.free(this.ring.size);
    this.ring = undefined;
  }

  get sampleBytes(): number {
    const { bits, format } = this.settings!;
    return (bits / 8) * (format === Format.STEREO ? 2 : 1);
  }

  private get frameMap(): readonly number[] {
    const { bits, format } = this.settings!;
    return FRAME_MAPS[`${format === Format.STEREO ? 'stereo' : 'mono'}${bits}`];
  }

  // --- the interrupt ---------------------------------------------------------------------------------------------

  private halfDone(half: 0 | 1): void {
    const part = this.driver.buffer.subarray(half * HALF_BYTES, (half + 1) * HALF_BYTES);
    if (this.settings?.mode === Mode.TX) {
      this.copyFromProgram();
      this.feed(part);
    } else {
      const { ring } = this;
      if (ring !== undefined && ring.space >= HALF_BYTES) for (const byte of part) ring.push(byte);
      this.copyToProgram();
    }
  }

  /** Fills a half of the DMA's buffer, or silences it. */
  private feed(part: Uint8Array): void {
    const { ring } = this;
    if (ring === undefined || ring.available < HALF_BYTES) {
      part.fill(0);
      return;
    }
    const { bits, format } = this.settings!;
    const bytes = bits / 8;
    for (let at = 0; at < part.length; ) {
      for (let i = 0; i < bytes; i++) part[at + i] = ring.pop();
      // The more significant half of 32 bits goes first.
      if (bits === 32) part.set([part[at + 2], part[at + 3], part[at], part[at + 1]], at);
      if (format === Format.MONO) {
        part.copyWithin(at + bytes, at, at + bytes);
        at += bytes;
      }
      at += bytes;
    }
  }

  private copyFromProgram(): void {
    const { background, ring } = this;
    if (this.ways !== 'callback' || background === undefined || ring === undefined) return;
    const count = Math.min(BACKGROUND_BYTES, background.bytes.length - background.done);
    if (ring.space < count) return;
    for (let i = 0; i < count; i++) ring.push(background.bytes[background.done + i]);
    this.progress(background, count);
  }

  private copyToProgram(): void {
    const { background, ring } = this;
    if (this.ways !== 'callback' || background === undefined || ring === undefined) return;
    const left = ((background.bytes.length - background.done) / this.sampleBytes) * FRAME_BYTES;
    const needed = Math.min(BACKGROUND_BYTES, left);
    if (ring.available < needed) return;
    const frames = Math.ceil(needed / FRAME_BYTES);
    for (let i = 0; i < frames; i++) this.takeFrame(ring, background.bytes, background.done + i * this.sampleBytes);
    this.progress(background, frames * this.sampleBytes);
  }

  private progress(background: { bytes: Uint8Array; done: number }, count: number): void {
    background.done += count;
    if (background.done < background.bytes.length) return;
    this.background = undefined;
    scheduleCall(this.callback, this);
  }

  private takeFrame(ring: RingBuffer, into: Uint8Array, at: number): void {
    for (const place of this.frameMap) {
      const byte = ring.pop();
      if (place >= 0) into[at + place] = byte;
    }
  }

  // --- the stream ------------------------------------------------------------------------------------------------

  /** Lets time pass until the interrupt has done something; nothing else of the program runs meanwhile. */
  private waitFor(condition: () => boolean): void {
    while (!condition()) {
      now();
      hardware().idle(Infinity);
      rebudget();
    }
  }

  read(into: Uint8Array): number {
    if (this.settings?.mode !== Mode.RX) return -ERRNO.EPERM;
    if (into.length % this.sampleBytes !== 0) return -ERRNO.EINVAL;
    if (into.length === 0) return 0;
    if (this.ways === 'callback') {
      this.background = { bytes: into, done: 0 };
      return into.length;
    }
    const { sampleBytes } = this;
    let done = 0;
    for (; done < into.length; done += sampleBytes) {
      const ready = () => this.ring !== undefined && this.ring.available >= FRAME_BYTES;
      if (this.ways === 'blocking') this.waitFor(ready);
      else if (!ready()) break;
      this.takeFrame(this.ring!, into, done);
    }
    return done;
  }

  write(data: Uint8Array): number {
    if (this.settings?.mode !== Mode.TX) return -ERRNO.EPERM;
    if (data.length === 0) return 0;
    if (this.ways === 'callback') {
      this.background = { bytes: data, done: 0 };
      return data.length;
    }
    let done = 0;
    for (; done < data.length; done++) {
      const ready = () => this.ring !== undefined && this.ring.space > 0;
      if (this.ways === 'blocking') this.waitFor(ready);
      else if (!ready()) break;
      this.ring!.push(data[done]);
    }
    return done;
  }

  poll(flags: number): number {
    let ready = 0;
    if (flags & PollFlag.Read) {
      if (this.settings?.mode !== Mode.RX) return -ERRNO.EPERM;
      if ((this.ring?.available ?? 0) > 0) ready |= PollFlag.Read;
    }
    if (flags & PollFlag.Write) {
      if (this.settings?.mode !== Mode.TX) return -ERRNO.EPERM;
      if ((this.ring?.space ?? 0) > 0) ready |= PollFlag.Write;
    }
    return ready;
  }

  print(out: Printer): void {
    const { sck, ws, sd, mode, bits, format, rate, ibuf } = this.settings!;
    out.write(`I2S(id=${this.id},\nsck=${sck.cpuName},\nws=${ws.cpuName},\nsd=${sd.cpuName},\n`);
    out.write(`mode=${mode},\nbits=${bits}, format=${format},\nrate=${rate}, ibuf=${ibuf})`);
  }
}

const INIT_ARGS = [
  { name: 'sck', kwOnly: true, required: true },
  { name: 'ws', kwOnly: true, required: true },
  { name: 'sd', kwOnly: true, required: true },
  { name: 'mode', kwOnly: true, required: true, as: 'int' },
  { name: 'bits', kwOnly: true, required: true, as: 'int' },
  { name: 'format', kwOnly: true, required: true, as: 'int' },
  { name: 'rate', kwOnly: true, required: true, as: 'int' },
  { name: 'ibuf', kwOnly: true, required: true, as: 'int' },
] as const;

/** Raises ValueError for a pin that has not the signal of that unit. */
function checkedPin(value: Value, name: string, id: number, signal: string): MpPin {
  if (!(value instanceof MpPin)) raiseValueError(`${name} not a Pin type`);
  if (findAlternate(value.gpio, 'I2S', id)?.signal !== signal) raiseValueError(`invalid ${name} pin`);
  return value;
}

function parseSettings(id: number, args: readonly Value[], kw: KwArgs): Settings {
  const [sckArg, wsArg, sdArg, mode, bits, format, rate, ibuf] = parseArgs(INIT_ARGS, args, kw) as [Value, Value, Value, ...number[]];
  const sck = checkedPin(sckArg, 'SCK', id, 'CK');
  const ws = checkedPin(wsArg, 'WS', id, 'WS');
  const sd = checkedPin(sdArg, 'SD', id, 'SD');
  if (mode !== Mode.RX && mode !== Mode.TX) raiseValueError('invalid mode');
  if (bits !== 16 && bits !== 32) raiseValueError('invalid bits');
  if (format !== Format.MONO && format !== Format.STEREO) raiseValueError('invalid format');
  if (ibuf <= 0) raiseValueError('invalid ibuf');
  return { sck, ws, sd, mode, bits, format, rate, ibuf };
}

const KEY = Symbol('I2S');

/** One object a unit. */
function units(): Map<number, MpI2s> {
  return vm.volatileStateOf(KEY, () => {
    const all = new Map<number, MpI2s>();
    vm.roots.add(() => [...all.values()].flatMap(unit => [unit, unit.callback]));
    return all;
  });
}

/** What a soft reset does. */
export function deinitI2s(): void {
  for (const unit of units().values()) unit.deinit();
}

const SHIFT_ARGS = [
  { name: 'buf', kwOnly: true, required: true },
  { name: 'bits', kwOnly: true, required: true, as: 'int' },
  { name: 'shift', kwOnly: true, required: true, as: 'int' },
] as const;

/** Makes samples louder (shift above 0) or softer, by 6 dB a step. */
function shiftSamples(args: readonly Value[], kw: KwArgs): Value {
  const [buffer, bits, by] = parseArgs(SHIFT_ARGS, args, kw) as [Value, number, number];
  const { bytes } = bufferOf(buffer, BufferFlag.ReadWrite);
  const size = (bits & 0xff) === 16 ? 2 : (bits & 0xff) === 32 ? 4 : 0;
  if (size === 0) raiseValueError('invalid bits');
  const shift = (by << 24) >> 24;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The machine shifts by the low byte of a number, and everything out above 31.
  const moved = (sample: number) => (shift >= 0 ? (shift > 31 ? 0 : sample << shift) : sample >> Math.min(31, -shift));
  for (let at = 0; at + size <= bytes.length; at += size) {
    if (size === 2) view.setInt16(at, moved(view.getInt16(at, true)), true);
    else view.setInt32(at, moved(view.getInt32(at, true)), true);
  }
  return null;
}

const stream: StreamProtocol = {
  read: (self: MpI2s, into) => self.read(into),
  write: (self: MpI2s, data) => self.write(data),
  ioctl(self: MpI2s, request, arg) {
    // Who asks is asyncio.
    self.ways = 'asyncio';
    return request === StreamRequest.Poll ? self.poll(arg as number) : -ERRNO.EINVAL;
  },
};

const self = (value: Value) => value as MpI2s;

export const i2sType: MpType = new MpType('I2S', {
  flags: TypeFlag.IterIsStream,
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 1, Infinity, true);
    const id = toInt(args[0]);
    const bus = hardware().hardware.i2ss.find(candidate => candidate.id === id);
    if (bus === undefined) raiseValueError('invalid id');
    let unit = units().get(id);
    if (unit === undefined) units().set(id, (unit = new MpI2s(id, bus.spi)));
    else unit.deinit();
    unit.init(args.slice(1), kw);
    return unit;
  },
  print: (out: Printer, unit: MpI2s) => unit.print(out),
  stream,
  locals: (): Locals => [
    [
      'init',
      funKw(1, (args, kw) => {
        self(args[0]).deinit();
        self(args[0]).init(args.slice(1), kw);
        return null;
      }),
    ],
    ['readinto', streamMethod('readinto')],
    ['write', streamMethod('write')],
    ['deinit', fun1(unit => (self(unit).deinit(), null))],
    [
      'irq',
      fun2((unit, handler) => {
        if (handler !== null && !isCallable(handler)) raiseValueError('invalid callback');
        self(unit).ways = handler === null ? 'blocking' : 'callback';
        self(unit).callback = handler;
        return null;
      }),
    ],
    ['shift', new MpStaticOrClassMethod(staticmethodType, funKw(0, shiftSamples))],
    ['RX', Mode.RX],
    ['TX', Mode.TX],
    ['STEREO', Format.STEREO],
    ['MONO', Format.MONO],
  ],
});

/** pyb.ADC (ports/stm32/adc.c): single and timed readings. */
import { codeSize, writeElement } from '../../objects/binary.ts';
import { bufferOf } from '../../objects/buffer.ts';
import { checkArgCount, fun1, fun3 } from '../../objects/function.ts';
import { isInt } from '../../objects/int.ts';
import { MpStaticOrClassMethod, staticmethodType } from '../../objects/static-class-method.ts';
import { PinMode } from '../../peripherals/gpio.ts';
import { type Timer, TimerRegister } from '../../peripherals/timer.ts';
import { arrayItems } from '../../vm/iteration.ts';
import { toInt } from '../../vm/operators.ts';
import { printValue } from '../../vm/printing.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { now } from '../../vm/service.ts';
import { BufferFlag, type BufferView, type Locals, MpType } from '../../vm/type.ts';
import { MpObj, type Printer, PrintKind, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import {
  adcOfPin,
  initAdc,
  internalChannels,
  pinOfChannel,
  readChannel,
  result,
  selectChannel,
  startAgain,
  startConversion,
  stopConversion,
} from '../stm32/adc.ts';
import { elapse } from '../stm32/time.ts';
import { start, stopUnlessUsed, UPDATE } from '../stm32/timer.ts';
import { initTimer6 } from '../stm32/timer6.ts';
import { NS_PER_MS } from '../waiting.ts';
import { findPin } from './pin.ts';
import { timerArgument } from './timer.ts';

const LAST_CHANNEL = 18;

/** The converter that pyb uses. */
const unit = () => hardware().chip.adc(1);

/** The channel of a number: 16 is always the temperature sensor. Raises ValueError for none. */
export function channelOf(number: number): number {
  const channel = number === 16 ? internalChannels().temperature : number;
  if (channel < 0 || channel > LAST_CHANNEL) raiseValueError(`not a valid ADC Channel: ${channel}`);
  return channel;
}

class MpAdc extends MpObj {
  constructor(
    readonly pin: Value,
    readonly channel: number,
  ) {
    super(adcType);
    vm.heap.alloc(84);
  }
}

/** Waits for the timer's next update, however long it takes, and takes its flag. */
function waitForUpdate(timer: Timer): void {
  while ((timer.peek(TimerRegister.SR) & UPDATE) === 0) {
    const next = timer.nextOverflow;
    // A timer that stands still is waited for, too: only a reset, or an interrupt that starts it, ends that.
    elapse(next === Infinity ? NS_PER_MS : Math.max(1, next - now()));
  }
  timer.clearFlags(UPDATE);
}

/** Where results go: elements of a buffer, the upper 8 bits for elements of a byte. */
class Samples {
  readonly length: number;
  private readonly size: number;
  private readonly view: DataView;

  constructor(readonly buffer: BufferView) {
    const { bytes, typecode } = buffer;
    this.size = codeSize('@', typecode);
    this.length = Math.floor(bytes.length / this.size);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  put(index: number, value: number): void {
    writeElement(this.buffer.typecode, this.view, index, this.size === 1 ? value >> 4 : value);
  }
}

function readTimed(adc: Value, into: Value, pace: Value): Value {
  const samples = new Samples(bufferOf(into, BufferFlag.Write));
  const own = isInt(pace) || typeof pace === 'boolean';
  const timer = own ? initTimer6(toInt(pace)) : timerArgument(pace).hardware;
  if (own) start(timer);
  const block = unit();
  selectChannel(block, (adc as MpAdc).channel);
  for (let i = 0; i < samples.length; i++) {
    waitForUpdate(timer);
    if (i === 0) startConversion(block);
    else startAgain(block);
    samples.put(i, result(block));
  }
  stopConversion(block);
  if (own) stopUnlessUsed(timer);
  return samples.buffer.bytes.length;
}

/** Reads several channels one after the other at each update. False: a reading came too late. */
function readTimedMulti(adcs: Value, buffers: Value, pace: Value): Value {
  const channels = arrayItems(adcs).map(adc => (adc instanceof MpAdc ? adc.channel : 0));
  const targets = arrayItems(buffers);
  if (channels.length < 1) raiseValueError('need at least 1 ADC');
  if (channels.length !== targets.length) raiseValueError('length of ADC and buffer lists differ');
  const samples = targets.map(target => new Samples(bufferOf(target, BufferFlag.Write)));
  const [{ buffer }] = samples;
  for (const { buffer: other } of samples) {
    if (other.bytes.length !== buffer.bytes.length || other.typecode !== buffer.typecode)
      raiseValueError('size and type of buffers must match');
  }
  const timer = timerArgument(pace).hardware;
  const block = unit();
  selectChannel(block, channels[0]);
  startConversion(block);
  result(block);
  timer.clearFlags(UPDATE);
  waitForUpdate(timer);
  let inTime = true;
  for (let i = 0; i < samples[0].length; i++) {
    if (timer.peek(TimerRegister.SR) & UPDATE) inTime = false;
    waitForUpdate(timer);
    channels.forEach((channel, index) => {
      selectChannel(block, channel);
      startAgain(block);
      samples[index].put(i, result(block));
    });
  }
  stopConversion(block);
  return inTime;
}

export const adcType: MpType = new MpType('ADC', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 1, 1, false);
    const [pin] = args;
    let channel: number;
    if (isInt(pin)) channel = channelOf(toInt(pin));
    else {
      const object = findPin(pin);
      const found = adcOfPin(object.gpio);
      if (found === undefined) raiseValueError(`Pin(${object.cpuName}) doesn't have ADC capabilities`);
      channel = found.channel;
    }
    pinOfChannel(channel)?.configure({ mode: PinMode.ANALOG, pull: 0 });
    const adc = new MpAdc(pin, channel);
    initAdc(unit(), 12);
    return adc;
  },
  print(out: Printer, { pin, channel }: MpAdc) {
    out.write('<ADC on ');
    printValue(out, pin, PrintKind.Str);
    out.write(` channel=${channel}>`);
  },
  locals: (): Locals => [
    ['read', fun1(adc => readChannel(unit(), (adc as MpAdc).channel))],
    ['read_timed', fun3(readTimed)],
    ['read_timed_multi', new MpStaticOrClassMethod(staticmethodType, fun3(readTimedMulti))],
  ],
});

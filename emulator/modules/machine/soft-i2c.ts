/** machine.SoftI2C (extmod/machine_i2c.c): two open-drain pins driven by hand, with clock stretching. */
import { ERRNO } from '../../objects/errno-names.ts';
import { parseArgs } from '../../objects/function.ts';
import { PinMode, PinPull } from '../../peripherals/gpio.ts';
import { MpType } from '../../vm/type.ts';
import type { KwArgs, Printer, Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { findPin, type MpPin } from '../pyb/pin.ts';
import { delayUs, readPin, writePin } from '../stm32/bit-bang.ts';
import { type I2cTransfer, i2cLocals, MpI2c } from './i2c-methods.ts';

const INIT_ARGS = [
  { name: 'scl', required: true },
  { name: 'sda', required: true },
  { name: 'freq', kwOnly: true, as: 'int', default: 400_000 },
  { name: 'timeout', kwOnly: true, as: 'int', default: 50_000 },
] as const;

const TIMED_OUT = -ERRNO.ETIMEDOUT;
const NACK = 1;

const openDrain = (pin: MpPin) => pin.gpio.configure({ mode: PinMode.OUTPUT, openDrain: true, pull: PinPull.NONE, speed: 2 });

export class MpSoftI2c extends MpI2c {
  private scl!: MpPin;
  private sda!: MpPin;
  /** half a clock period, µs */
  private delay = 1;
  /** how long a target may stretch the clock, µs */
  private timeout = 0;

  constructor(args: readonly Value[], kw: KwArgs) {
    super(softI2cType);
    vm.heap.alloc(5 * vm.wordSize);
    this.init(args, kw);
  }

  override init(args: readonly Value[], kw: KwArgs): void {
    const [scl, sda, frequency, timeout] = parseArgs(INIT_ARGS, args, kw) as [Value, Value, number, number];
    this.scl = findPin(scl);
    this.sda = findPin(sda);
    this.timeout = timeout >>> 0;
    // The machine's division by zero gives 0.
    this.delay = frequency === 0 ? 1 : Math.floor(500_000 / (frequency >>> 0)) || 1;
    openDrain(this.scl);
    openDrain(this.sda);
    this.stop();
  }

  print(out: Printer): void {
    out.write(`SoftI2C(scl=${this.scl.cpuName}, sda=${this.sda.cpuName}, freq=${Math.floor(500_000 / this.delay)})`);
  }

  private setScl(bit: number): void {
    writePin(this.scl.gpio, bit);
  }

  private setSda(bit: number): void {
    writePin(this.sda.gpio, bit);
  }

  private wait(): void {
    delayUs(this.delay);
  }

  /** Lets the clock go and waits while somebody else holds it. */
  private releaseScl(): number {
    this.setScl(1);
    this.wait();
    let left = this.timeout;
    for (; readPin(this.scl.gpio) === 0 && left > 0; left--) delayUs(1);
    return left === 0 ? TIMED_OUT : 0;
  }

  override start(): number {
    this.setSda(1);
    this.wait();
    const result = this.releaseScl();
    if (result !== 0) return result;
    this.setSda(0);
    this.wait();
    return 0;
  }

  override stop(): number {
    this.wait();
    this.setSda(0);
    this.wait();
    const result = this.releaseScl();
    this.setSda(1);
    this.wait();
    return result;
  }

  /** @returns 0 if it was acknowledged, 1 if not, or a negative errno */
  private writeByte(value: number): number {
    this.wait();
    this.setScl(0);
    for (let bit = 7; bit >= 0; bit--) {
      this.setSda((value >> bit) & 1);
      this.wait();
      const result = this.releaseScl();
      if (result !== 0) {
        this.setSda(1);
        return result;
      }
      this.setScl(0);
    }
    this.setSda(1);
    this.wait();
    const result = this.releaseScl();
    if (result !== 0) return result;
    const answer = readPin(this.sda.gpio);
    this.wait();
    this.setScl(0);
    return answer;
  }

  /** @returns the byte, or a negative errno */
  private readByte(nack: boolean): number {
    this.wait();
    this.setScl(0);
    this.wait();
    let value = 0;
    for (let bit = 0; bit < 8; bit++) {
      const result = this.releaseScl();
      if (result !== 0) return result;
      value = (value << 1) | readPin(this.sda.gpio);
      this.setScl(0);
      this.wait();
    }
    if (!nack) this.setSda(0);
    this.wait();
    const result = this.releaseScl();
    if (result !== 0) {
      this.setSda(1);
      return result;
    }
    this.setScl(0);
    this.setSda(1);
    return value;
  }

  override read(into: Uint8Array, nack: boolean): number {
    for (let i = 0; i < into.length; i++) {
      const value = this.readByte(nack && i === into.length - 1);
      if (value < 0) return value;
      into[i] = value;
    }
    return 0;
  }

  override write(bytes: Uint8Array): number {
    let acknowledged = 0;
    for (const byte of bytes) {
      const result = this.writeByte(byte);
      if (result < 0) return result;
      if (result === NACK) break;
      acknowledged++;
    }
    return acknowledged;
  }

  transfer({ address, buffers, read, stop }: I2cTransfer): number {
    let result = this.start();
    if (result !== 0) return result;
    result = this.writeByte(((address << 1) | (read ? 1 : 0)) & 0xff);
    if (result < 0) return result;
    if (result === NACK) {
      this.stop();
      return -ERRNO.ENODEV;
    }
    let acknowledged = 0;
    for (let i = 0; i < buffers.length; i++) {
      const buffer = buffers[i];
      if (read) {
        result = this.read(buffer, i === buffers.length - 1);
        if (result !== 0) return result;
      } else {
        const count = this.write(buffer);
        if (count < 0) return count;
        acknowledged += count;
        if (count < buffer.length) break;
      }
    }
    if (stop) {
      result = this.stop();
      if (result !== 0) return result;
    }
    return acknowledged;
  }
}

export const softI2cType: MpType = new MpType('SoftI2C', {
  makeNew: (_type, args, kw) => new MpSoftI2c(args, kw),
  print: (out: Printer, bus: MpSoftI2c) => bus.print(out),
  locals: i2cLocals,
});

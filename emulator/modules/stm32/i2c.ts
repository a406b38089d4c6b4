/** The port's own driver of the I2C blocks as a controller (ports/stm32/i2c.c), which polls: machine.I2C, and parts on the board. */
import type { I2cBus } from '../../../boards/board.ts';
import { ERRNO } from '../../objects/errno-names.ts';
import { type I2c, I2cCr1, I2cRegister, I2cSr1, I2cSr2 } from '../../peripherals/i2c.ts';
import { now } from '../../vm/service.ts';
import { hardware } from '../hardware.ts';
import { configureAlternate } from './pins.ts';
import { pollUntil, tickDeadline } from './time.ts';

const STANDARD = 100_000;
const FAST = 400_000;
const FAST_16_9 = 0xc000;

const TIMED_OUT = -ERRNO.ETIMEDOUT;

export class I2cController {
  private readonly block: I2c;

  constructor(
    readonly bus: I2cBus,
    /** ms that each step may take */
    private readonly timeout: number,
  ) {
    this.block = hardware().chip.i2c(bus.id);
  }

  /** Sets the block up for a clock of at most `frequency` Hz. */
  init(frequency: number): void {
    now();
    const { bus, block } = this;
    const { rcc } = hardware().chip;
    for (const pin of [bus.scl, bus.sda]) configureAlternate(pin, 'I2C', bus.id, { openDrain: true, pull: 1 });
    block.reset();
    rcc.enable(block.name);
    const { pclk1 } = rcc.frequencies;
    const mhz = Math.floor(pclk1 / 1e6);
    block.writeRegister(I2cRegister.CR1, 0);
    block.writeRegister(I2cRegister.CR2, mhz);
    block.writeRegister(I2cRegister.OAR1, 0);
    block.writeRegister(I2cRegister.OAR2, 0);
    const wanted = Math.min(frequency >>> 0, FAST);
    // The machine's division by zero gives 0.
    const ticks = (each: number) => (wanted === 0 ? 1 : Math.floor((pclk1 - 1) / (wanted * each)) + 1);
    const fast = wanted > STANDARD;
    block.writeRegister(I2cRegister.CCR, fast ? FAST_16_9 | ticks(25) : Math.max(4, ticks(2)));
    // The longest rise: 1000 ns, or 300 ns in fast mode.
    block.writeRegister(I2cRegister.TRISE, (fast ? Math.floor((mhz * 3) / 10) : mhz) + 1);
    block.writeRegister(I2cRegister.FLTR, 0);
  }

  /** Hz, as the registers have it. */
  get frequency(): number {
    const mhz = this.block.peek(I2cRegister.CR2) & 0x3f;
    const ccr = this.block.peek(I2cRegister.CCR);
    const divider = ccr & 0xfff;
    if (divider === 0) return 0;
    return Math.floor((mhz * (ccr & 0x8000 ? 40_000 : 500_000)) / divider);
  }

  private set(bits: number, clear = 0): void {
    const { block } = this;
    block.writeRegister(I2cRegister.CR1, (block.peek(I2cRegister.CR1) & ~clear) | bits);
  }

  private poll(condition: () => boolean): number {
    if (pollUntil(condition, tickDeadline(this.timeout) - now())) return 0;
    this.set(0, I2cCr1.PE);
    return TIMED_OUT;
  }

  private waitFor(flags: number): number {
    return this.poll(() => (this.block.readRegister(I2cRegister.SR1) & flags) !== 0);
  }

  private waitStop(): number {
    const result = this.poll(() => (this.block.peek(I2cRegister.CR1) & I2cCr1.STOP) === 0);
    if (result === 0) this.set(0, I2cCr1.PE);
    return result;
  }

  /** Starts a transfer. `length`: bytes to come. @returns 0 or a negative errno */
  private address(address: number, read: boolean, length: number, stop: boolean): number {
    const { block } = this;
    now();
    if ((block.peek(I2cRegister.CR1) & I2cCr1.PE) === 0 && block.peek(I2cRegister.SR2) & I2cSr2.MSL) block.reset();
    if (read && !stop) return -ERRNO.EINVAL;
    this.set(I2cCr1.PE);
    this.set(I2cCr1.START);
    let result = this.waitFor(I2cSr1.SB);
    if (result !== 0) return result;
    block.writeRegister(I2cRegister.DR, ((address << 1) | (read ? 1 : 0)) & 0xff);
    result = this.waitFor(I2cSr1.AF | I2cSr1.ADDR);
    if (result !== 0) return result;
    if (block.readRegister(I2cRegister.SR1) & I2cSr1.AF) {
      this.set(I2cCr1.STOP);
      this.waitStop();
      return -ERRNO.ENODEV;
    }
    if (read) {
      if (length <= 1) this.set(0, I2cCr1.ACK);
      else if (length <= 2) this.set(I2cCr1.POS, I2cCr1.ACK);
      else this.set(I2cCr1.ACK);
    }
    block.readRegister(I2cRegister.SR2);
    return 0;
  }

  /** Reads into one of several buffers; `after`: bytes that follow it. */
  private readBytes(into: Uint8Array, after: number): number {
    const { block } = this;
    if (into.length === 0 || after === 1) return -ERRNO.EINVAL;
    if (into.length + after === 1) {
      this.set(I2cCr1.STOP);
      const result = this.waitFor(I2cSr1.RXNE);
      if (result !== 0) return result;
      into[0] = block.readRegister(I2cRegister.DR);
    } else {
      for (let i = 0; i < into.length; i++) {
        const left = into.length - i + after;
        const result = this.waitFor(I2cSr1.BTF);
        if (result !== 0) return result;
        if (left === 2) {
          this.set(I2cCr1.STOP);
          into[i] = block.readRegister(I2cRegister.DR);
          into[i + 1] = block.readRegister(I2cRegister.DR);
          break;
        }
        if (left === 3) this.set(0, I2cCr1.ACK);
        into[i] = block.readRegister(I2cRegister.DR);
      }
    }
    return after === 0 ? this.waitStop() : 0;
  }

  private writeBytes(bytes: Uint8Array, after: number, stop: boolean): number {
    const { block } = this;
    let result = this.waitFor(I2cSr1.AF | I2cSr1.TXE);
    if (result !== 0) return result;
    let acknowledged = 0;
    for (const byte of bytes) {
      block.writeRegister(I2cRegister.DR, byte);
      result = this.waitFor(I2cSr1.AF | I2cSr1.BTF);
      if (result !== 0) return result;
      if (block.readRegister(I2cRegister.SR1) & I2cSr1.AF) break;
      acknowledged++;
    }
    if (after === 0 && stop) {
      this.set(I2cCr1.STOP);
      result = this.waitStop();
      if (result !== 0) return result;
    }
    return acknowledged;
  }

  /** @returns the number of bytes acknowledged (0 for a read), or a negative errno */
  transfer(address: number, buffers: readonly Uint8Array[], read: boolean, stop: boolean): number {
    let left = buffers.reduce((sum, { length }) => sum + length, 0);
    let result = this.address(address, read, left, stop);
    if (result < 0) return result;
    let acknowledged = 0;
    for (const buffer of buffers) {
      left -= buffer.length;
      result = read ? this.readBytes(buffer, left) : this.writeBytes(buffer, left, stop);
      if (result < 0) return result;
      acknowledged += result;
    }
    return acknowledged;
  }
}

/** A timeout in µs as whole milliseconds. */
export const timeoutInMs = (us: number): number => Math.floor(((us >>> 0) + 999) / 1000) & 0xffff;

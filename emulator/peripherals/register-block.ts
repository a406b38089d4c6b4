/**
 * A peripheral as the bus sees it: 32-bit registers at offsets, with side effects.
 *
 * Drivers and `mem32` meet here: what a driver sets through the registers, a program reads at the address, and the other
 * way round. A peripheral whose clock is off in RCC reads as 0 and ignores writes (RM0090 section 7.2.11).
 */
import type { AccessSize, AddressedDevice } from './address-space.ts';

export abstract class RegisterBlock implements AddressedDevice {
  /** Whether RCC gives it a clock; set by RCC. */
  clocked = true;

  /** @param name as the manual and the trace name it: `USART1` */
  constructor(readonly name: string) {}

  /** The register at a word offset, with the side effects of reading it. */
  abstract readRegister(offset: number): number;

  /** Writes the register at a word offset. `value` is unsigned. */
  abstract writeRegister(offset: number, value: number): void;

  /** Puts every register at its reset value: power-on, system reset, or RCC's reset bit. */
  abstract reset(): void;

  /** The clock of its bus has another frequency from now on, in Hz. */
  busClockChanged(_frequency: number): void {}

  /** The register's value without the side effects of reading it, to merge a narrower write into. */
  peek(offset: number): number {
    return this.readRegister(offset);
  }

  read(offset: number, size: AccessSize): number {
    if (!this.clocked) return 0;
    if (size === 4) return this.readRegister(offset) >>> 0;
    const word = this.readRegister(offset & ~3) >>> ((offset & 3) * 8);
    return size === 2 ? word & 0xffff : word & 0xff;
  }

  write(offset: number, value: number, size: AccessSize): void {
    if (!this.clocked) return;
    if (size === 4) this.writeRegister(offset, value >>> 0);
    else this.writeNarrow(offset, value, size);
  }

  /** An 8 or 16 bit write: the other bytes of the register stay. */
  protected writeNarrow(offset: number, value: number, size: AccessSize): void {
    const shift = (offset & 3) * 8;
    const mask = (size === 2 ? 0xffff : 0xff) << shift;
    this.writeRegister(offset & ~3, ((this.peek(offset & ~3) & ~mask) | ((value << shift) & mask)) >>> 0);
  }
}

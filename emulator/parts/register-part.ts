/**
 * What sensors with a register map have in common: the first byte that is written after the address is a register's
 * number, further ones go into it and into those that follow, and reading goes on from there.
 */
import { I2cPart } from './i2c-part.ts';
import type { PartBench } from './part.ts';

export abstract class RegisterPart extends I2cPart {
  private register = 0;
  private expectsRegister = false;

  /** @param address its address on the bus, 7 bits */
  constructor(
    bench: PartBench,
    name: string,
    protected readonly address: number,
  ) {
    super(bench, name);
  }

  protected override addressed(address: number, read: boolean): boolean {
    if (address !== this.address) return false;
    this.expectsRegister = !read;
    this.transferBegins(read);
    return true;
  }

  protected override written(byte: number): boolean {
    if (this.expectsRegister) {
      this.expectsRegister = false;
      this.register = this.selected(byte);
    } else {
      this.writeRegister(this.register, byte);
      this.register = this.following(this.register, true);
    }
    return true;
  }

  protected override nextByte(): number {
    const value = this.readRegister(this.register);
    this.register = this.following(this.register, false);
    return value & 0xff;
  }

  /** What a register says. Reading may have an effect. */
  protected abstract readRegister(register: number): number;
  /** A register is written. */
  protected abstract writeRegister(register: number, value: number): void;

  /** START with our address: the moment at which a shadow copy is made. */
  protected transferBegins(_read: boolean): void {}

  /** The register that a register byte means. */
  protected selected(byte: number): number {
    return byte;
  }

  /** The register after this one in a transfer. */
  protected following(register: number, _writing: boolean): number {
    return (register + 1) & 0xff;
  }
}

/** A signed number as the two bytes of a register pair. */
export function high(value: number): number {
  return (value >> 8) & 0xff;
}

export function low(value: number): number {
  return value & 0xff;
}

/** Rounded, and kept in the range of a signed 16-bit register. */
export function toInt16(value: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(value)));
}

/** An I2C block in target mode (RM0090 section 27.3.2). */
import type { I2c } from './i2c.ts';
import type { I2cPort, I2cTarget } from './i2c-bus.ts';
import { I2cCr1, I2cSr1, I2cSr2 } from './i2c-registers.ts';

/** The block when another controller addresses it (RM0090 section 27.3.2). It holds the clock while its program is asked. */
export class I2cTargetSide implements I2cTarget {
  active = false;
  port: I2cPort | undefined;
  private reading = false;
  private empty = true;
  private overflowing: number | undefined;

  constructor(private readonly i2c: I2c) {}

  start(address: number, read: boolean): boolean {
    const { i2c } = this;
    if (!i2c.isOwnAddress(address)) return false;
    this.active = true;
    this.reading = read;
    this.empty = true;
    i2c.lower(I2cSr1.TXE | I2cSr1.BTF | I2cSr1.AF, I2cSr2.TRA | I2cSr2.DUALF | I2cSr2.GENCALL);
    this.stretch();
    i2c.raise(
      I2cSr1.ADDR,
      (read ? I2cSr2.TRA : 0) | (i2c.isSecondAddress(address) ? I2cSr2.DUALF : 0) | (address === 0 ? I2cSr2.GENCALL : 0),
    );
    return true;
  }

  write(byte: number): boolean {
    const { i2c } = this;
    if (i2c.has(I2cSr1.RXNE)) {
      if (i2c.controlBits & I2cCr1.NOSTRETCH) {
        i2c.raise(I2cSr1.OVR);
        return false;
      }
      this.overflowing = byte;
      this.stretch();
      i2c.raise(I2cSr1.BTF);
    } else i2c.deliver(byte);
    return (i2c.controlBits & I2cCr1.ACK) !== 0;
  }

  read(): number {
    const value = this.i2c.dataRegister;
    this.empty = true;
    this.i2c.raise(I2cSr1.TXE);
    return value;
  }

  acknowledged(ack: boolean): void {
    const { i2c } = this;
    if (!ack) {
      i2c.lower(I2cSr1.TXE | I2cSr1.BTF);
      i2c.raise(I2cSr1.AF);
      this.reading = false;
    } else if (this.empty) {
      this.stretch();
      i2c.raise(I2cSr1.BTF);
    }
  }

  stop(): void {
    this.active = false;
    this.port?.release();
    this.i2c.targetStopped();
    this.i2c.lower(I2cSr1.TXE | I2cSr1.BTF, I2cSr2.TRA);
    if (!this.i2c.has(I2cSr1.AF)) this.i2c.raise(I2cSr1.STOPF);
  }

  abort(): void {
    this.active = false;
    this.port?.release();
  }

  addressCleared(): void {
    if (!this.reading) this.port?.release();
    else {
      this.i2c.raise(I2cSr1.TXE);
      if (!this.empty) this.port?.release();
    }
  }

  dataWritten(): void {
    this.empty = false;
    this.i2c.lower(I2cSr1.TXE | I2cSr1.BTF);
    if (this.reading && !this.i2c.has(I2cSr1.ADDR)) this.port?.release();
  }

  dataRead(): void {
    if (this.overflowing === undefined) return;
    const value = this.overflowing;
    this.overflowing = undefined;
    this.i2c.lower(I2cSr1.BTF);
    this.i2c.deliver(value);
    this.port?.release();
  }

  private stretch(): void {
    if ((this.i2c.controlBits & I2cCr1.NOSTRETCH) === 0) this.port?.hold();
  }
}

/** A pyboard's chip on a bench, for the tests of the peripheral models. */
import { pyboardV11 } from '../../boards/pyboard-v1.1.ts';
import { Clock } from '../clock/clock.ts';
import { Trace } from '../trace/trace.ts';
import { Chip } from './chip.ts';
import { PinMode, PinPull } from './gpio.ts';
import { I2cCr1, I2cSr1, I2cRegister as R } from './i2c.ts';
import { SpiCr1, SpiFlag, SpiRegister } from './spi.ts';

export function chipOnBench(hardware = pyboardV11.hardware!, seed = 1) {
  const clock = new Clock();
  const trace = new Trace(clock);
  const announced: number[] = [];
  const resets: number[] = [];
  const chip = new Chip(hardware, {
    clock,
    trace,
    seed,
    hooks: { interrupt: irq => announced.push(irq), reset: flags => resets.push(flags) },
  });
  chip.startClocks();
  return { chip, clock, trace, announced, resets };
}

/** What a driver does with an I2C block that has been set up: writes and reads, polling its flags. */
export function i2cDriver(chip: Chip, number: number) {
  const i2c = chip.i2c(number);
  const waitFor = (flags: number) => {
    if (!chip.waitUntil(() => (i2c.readRegister(R.SR1) & flags) !== 0, 50_000_000)) throw new Error('timeout');
    return i2c.readRegister(R.SR1);
  };
  const set = (bits: number) => i2c.writeRegister(R.CR1, i2c.readRegister(R.CR1) | bits);
  const clear = (bits: number) => i2c.writeRegister(R.CR1, i2c.readRegister(R.CR1) & ~bits);
  const waitStop = () => chip.waitUntil(() => (i2c.readRegister(R.CR1) & I2cCr1.STOP) === 0, 50_000_000);
  /** As a driver addresses a target. @returns false if nobody acknowledged */
  const address = (target: number, read: boolean, length = 0): boolean => {
    set(I2cCr1.PE | I2cCr1.START);
    waitFor(I2cSr1.SB);
    i2c.writeRegister(R.DR, (target << 1) | (read ? 1 : 0));
    if (waitFor(I2cSr1.ADDR | I2cSr1.AF) & I2cSr1.AF) {
      i2c.writeRegister(R.SR1, ~I2cSr1.AF);
      set(I2cCr1.STOP);
      waitStop();
      return false;
    }
    if (read) {
      clear(I2cCr1.POS);
      if (length === 1) clear(I2cCr1.ACK);
      else if (length === 2) {
        set(I2cCr1.POS);
        clear(I2cCr1.ACK);
      } else set(I2cCr1.ACK);
    }
    i2c.readRegister(R.SR2);
    return true;
  };
  const write = (target: number, bytes: number[], stop = true): number => {
    if (!address(target, false)) return -1;
    let acked = 0;
    for (const byte of bytes) {
      i2c.writeRegister(R.DR, byte);
      if (waitFor(I2cSr1.BTF | I2cSr1.AF) & I2cSr1.AF) break;
      acked++;
    }
    if (stop) {
      set(I2cCr1.STOP);
      waitStop();
    }
    return acked;
  };
  const read = (target: number, length: number): number[] => {
    if (!address(target, true, length)) return [];
    const bytes: number[] = [];
    if (length === 1) {
      set(I2cCr1.STOP);
      waitFor(I2cSr1.RXNE);
      bytes.push(i2c.readRegister(R.DR));
    } else {
      for (let remain = length; ; remain--) {
        waitFor(I2cSr1.BTF);
        if (remain === 2) {
          set(I2cCr1.STOP);
          bytes.push(i2c.readRegister(R.DR), i2c.readRegister(R.DR));
          break;
        }
        if (remain === 3) clear(I2cCr1.ACK);
        bytes.push(i2c.readRegister(R.DR));
      }
    }
    waitStop();
    return bytes;
  };
  return { write, read, set, clear, waitFor };
}

/** I2C1 on X9 and X10 at 100 kHz. */
export function setUpI2c(chip: Chip) {
  for (const name of ['X9', 'X10']) chip.pin(name).configure({ mode: PinMode.ALTERNATE, alternate: 4, openDrain: true, pull: PinPull.UP });
  chip.rcc.enable('I2C1');
  chip.i2c(1).writeRegister(R.CR2, 42);
  chip.i2c(1).writeRegister(R.CCR, 210);
  chip.i2c(1).writeRegister(R.CR1, I2cCr1.PE);
  return i2cDriver(chip, 1);
}

/** SPI1 on X6 to X8 at 10.5 MHz, select on X5. */
export function setUpSpi(chip: Chip) {
  for (const name of ['X6', 'X7', 'X8']) chip.pin(name).configure({ mode: PinMode.ALTERNATE, alternate: 5 });
  chip.pin('X5').configure({ mode: PinMode.OUTPUT, latch: 1 });
  chip.rcc.enable('SPI1');
  const spi = chip.spi(1);
  spi.writeRegister(SpiRegister.CR1, SpiCr1.MSTR | SpiCr1.SSM | SpiCr1.SSI | SpiCr1.SPE | (2 << 3));
  const exchange = (value: number): number => {
    chip.waitUntil(() => (spi.readRegister(SpiRegister.SR) & SpiFlag.TXE) !== 0, 1e9);
    spi.writeRegister(SpiRegister.DR, value);
    chip.waitUntil(() => (spi.readRegister(SpiRegister.SR) & SpiFlag.RXNE) !== 0, 1e9);
    return spi.readRegister(SpiRegister.DR);
  };
  /** One transfer with the target selected. */
  const transfer = (bytes: readonly number[]): number[] => {
    chip.pin('X5').set(0);
    const answers = bytes.map(exchange);
    chip.pin('X5').set(1);
    return answers;
  };
  return { exchange, transfer };
}

/** The port's SPI driver (ports/stm32/spi.c), shared by pyb.SPI and machine.SPI: one for each bus. */
import type { SpiBus } from '../../../boards/board.ts';
import { SpiCr1, SpiFlag, SpiRegister } from '../../peripherals/spi.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { now } from '../../vm/service.ts';
import type { Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import type { HalStatus } from './hal-status.ts';
import { configureAlternate } from './pins.ts';
import { pollUntil, tickDeadline } from './time.ts';

/** SPI_MODE_MASTER: MSTR and SSI. */
export const CONTROLLER = 0x104;
const NSS_SOFT = 0x200;
const SSOE = 4;

export interface SpiSettings {
  /** `CONTROLLER`, or 0 for a peripheral. */
  mode: number;
  /** log2 of the divider, less 1: CR1's BR. */
  rate: number;
  polarity: 0 | 1;
  phase: 0 | 1;
  bits: 8 | 16;
  /** 0x80 for the least significant bit first. */
  firstBit: number;
  /** BIDIMODE, RXONLY: 0 for two lines. */
  direction: number;
  /** SSM in its place, SSOE shifted left by 16. */
  nss: number;
  ti: boolean;
  /** The CRC's polynomial; undefined: none. */
  crc: number | undefined;
}

export class SpiDriver {
  enabled = false;
  settings: SpiSettings = {
    ...{ mode: 0, rate: 0, polarity: 0, phase: 0, bits: 8, firstBit: 0 },
    ...{ direction: 0, nss: NSS_SOFT, ti: false, crc: undefined },
  };

  constructor(readonly bus: SpiBus) {}

  get block() {
    return hardware().chip.spi(this.bus.id);
  }

  /** Hz of the bus clock. */
  get source(): number {
    const { chip } = hardware();
    const { pclk1, pclk2 } = chip.rcc.frequencies;
    return chip.data.peripherals[`SPI${this.bus.id}`].bus === 'apb2' ? pclk2 : pclk1;
  }

  /** Bits a second. */
  get baudrate(): number {
    return this.source >> (this.settings.rate + 1);
  }

  /** Changes what is given; -1 leaves a setting as it is (spi_set_params). The rate is at most `baudrate`, or what `prescaler` gives. */
  setParameters(prescaler: number, baudrate: number, polarity: number, phase: number, bits: number, firstBit: number): void {
    const { settings } = this;
    if (prescaler !== -1 || baudrate !== -1) {
      // A baud rate of 0 divides by zero, which gives 0 on the chip.
      const divider = prescaler !== -1 ? prescaler >>> 0 : baudrate === 0 ? 0 : Math.trunc((this.source + baudrate - 1) / (baudrate >>> 0));
      settings.rate = [2, 4, 8, 16, 32, 64, 128].filter(limit => divider > limit).length;
    }
    if (polarity !== -1) settings.polarity = polarity === 0 ? 0 : 1;
    if (phase !== -1) settings.phase = phase === 0 ? 0 : 1;
    if (bits !== -1) settings.bits = bits === 16 ? 16 : 8;
    if (firstBit !== -1) settings.firstBit = firstBit & SpiCr1.LSBFIRST;
  }

  /** Connects the pins and writes the settings to the registers. */
  init(): void {
    const { chip } = hardware();
    const { bus, settings, block } = this;
    chip.rcc.enable(block.name);
    const pull = settings.polarity === 0 ? 2 : 1;
    const pins = [bus.sck, bus.miso, bus.mosi];
    if (settings.nss !== NSS_SOFT && bus.nss !== undefined) pins.unshift(bus.nss);
    for (const pin of pins) configureAlternate(pin, 'SPI', bus.id, { pull });
    block.writeRegister(SpiRegister.CR1, block.peek(SpiRegister.CR1) & ~SpiCr1.SPE);
    if (settings.crc !== undefined) block.writeRegister(SpiRegister.CRCPR, settings.crc & 0xffff);
    block.writeRegister(SpiRegister.CR2, ((settings.nss >>> 16) & SSOE) | (settings.ti ? 0x10 : 0));
    block.writeRegister(SpiRegister.CR1, this.control);
    this.enabled = true;
  }

  private get control(): number {
    const { mode, rate, polarity, phase, bits, firstBit, direction, nss, crc } = this.settings;
    return (
      (mode & 0x104) |
      (rate << 3) |
      (polarity ? SpiCr1.CPOL : 0) |
      (phase ? SpiCr1.CPHA : 0) |
      (bits === 16 ? SpiCr1.DFF : 0) |
      firstBit |
      (direction & 0xc400) |
      (nss & NSS_SOFT) |
      (crc === undefined ? 0 : SpiCr1.CRCEN)
    );
  }

  deinit(): void {
    if (!this.enabled) return;
    this.enabled = false;
    this.block.reset();
    hardware().chip.rcc.enable(this.block.name, false);
  }

  private get isController(): boolean {
    return this.settings.mode === CONTROLLER;
  }

  /**
   * Sends and receives `length` frames at once; `source` and `target` may be the same, or absent. A byte makes a frame, whatever
   * its size. @param timeout in ms
   */
  transfer(length: number, source: Uint8Array | undefined, target: Uint8Array | undefined, timeout: number): HalStatus {
    if (length === 0) return 'ok';
    if (!this.enabled) return 'error';
    const { block } = this;
    const control = block.peek(SpiRegister.CR1);
    if ((control & SpiCr1.SPE) === 0) block.writeRegister(SpiRegister.CR1, control | SpiCr1.SPE);
    const deadline = tickDeadline(timeout);
    const remaining = () => Math.max(0, deadline - now());
    const has = (flag: number) => (block.peek(SpiRegister.SR) & flag) !== 0;
    const receives = target !== undefined || this.isController;
    const sends = source !== undefined || this.isController;
    for (let sent = sends ? 0 : length, received = receives ? 0 : length; sent < length || received < length; ) {
      const canSend = () => sent < length && has(SpiFlag.TXE) && (!receives || sent - received < 2);
      const canReceive = () => received < length && has(SpiFlag.RXNE);
      if (!pollUntil(() => canReceive() || canSend(), remaining())) return 'timeout';
      if (canReceive()) {
        const value = block.readRegister(SpiRegister.DR);
        if (target !== undefined) target[received] = value;
        received++;
      }
      if (canSend()) block.writeRegister(SpiRegister.DR, source?.[sent++] ?? (sent++, 0xff));
    }
    if (!pollUntil(() => !has(SpiFlag.BSY) && (!sends || has(SpiFlag.TXE)), remaining())) return 'timeout';
    // What was received and not wanted is forgotten.
    if (has(SpiFlag.OVR) || (!receives && has(SpiFlag.RXNE))) {
      block.readRegister(SpiRegister.SR);
      block.readRegister(SpiRegister.DR);
    }
    return 'ok';
  }
}

const KEY = Symbol('SPI buses');

const drivers = () =>
  vm.volatileStateOf(KEY, () => new Map(hardware().hardware.spis.map(bus => [bus.id, new SpiDriver(bus)] as [number, SpiDriver])));

/** What a soft reset does. */
export function deinitSpis(): void {
  for (const driver of drivers().values()) driver.deinit();
}

/** The bus that a guest's value names. Raises ValueError for none. */
export function findSpi(value: Value): SpiDriver {
  const all = [...drivers().values()];
  if (typeof value === 'string') {
    const named = all.find(({ bus }) => bus.name === value);
    if (named === undefined) raiseValueError(`SPI(${value}) doesn't exist`);
    return named;
  }
  const id = toInt(value);
  const found = drivers().get(id);
  if (found === undefined) raiseValueError(`SPI(${id}) doesn't exist`);
  return found;
}

/** machine.SoftSPI (extmod/machine_spi.c, drivers/bus/softspi.c): three pins driven by hand. */
import { parseArgs } from '../../objects/function.ts';
import { type GpioPin, PinMode, PinPull } from '../../peripherals/gpio.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { MpType } from '../../vm/type.ts';
import type { KwArgs, Printer, Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { findPin, type MpPin } from '../pyb/pin.ts';
import { delayUs, PIN_CYCLES, readPin, writePin } from '../stm32/bit-bang.ts';
import { FirstBit, MpSpi, spiLocals } from './spi-base.ts';

const NEW_ARGS = [
  { name: 'baudrate', as: 'int', default: 500_000 },
  { name: 'polarity', kwOnly: true, as: 'int', default: 0 },
  { name: 'phase', kwOnly: true, as: 'int', default: 0 },
  { name: 'bits', kwOnly: true, as: 'int', default: 8 },
  { name: 'firstbit', kwOnly: true, as: 'int', default: FirstBit.MSB },
  { name: 'sck', kwOnly: true },
  { name: 'mosi', kwOnly: true },
  { name: 'miso', kwOnly: true },
] as const;

const INIT_ARGS = [
  { name: 'baudrate', as: 'int', default: -1 },
  { name: 'polarity', as: 'int', default: -1 },
  { name: 'phase', as: 'int', default: -1 },
  { name: 'firstbit', kwOnly: true, as: 'int', default: -1 },
  { name: 'sck', kwOnly: true },
  { name: 'mosi', kwOnly: true },
  { name: 'miso', kwOnly: true },
] as const;

/** Hz of the loop without any delay: four pin accesses a bit. */
const fastest = () => Math.floor(hardware().chip.rcc.frequencies.sysclk / (4 * PIN_CYCLES));

/** Half a clock period in µs, rounded up; 0 for the fastest that the loop can do. */
function halfPeriod(baudrate: number): number {
  const rate = baudrate >>> 0;
  if (rate >= fastest()) return 0;
  // The machine's division by zero gives 0.
  return rate === 0 ? 1 : Math.ceil(500_000 / rate);
}

interface Settings {
  half: number;
  polarity: number;
  phase: number;
  firstBit: number;
  sck: MpPin;
  mosi: MpPin;
  miso: MpPin;
}

export class MpSoftSpi extends MpSpi {
  constructor(private readonly settings: Settings) {
    super(softSpiType);
    this.setUpPins();
  }

  override init(args: readonly Value[], kw: KwArgs): void {
    const { settings } = this;
    const [baudrate, polarity, phase, firstBit, sck, mosi, miso] = parseArgs(INIT_ARGS, args, kw);
    if (baudrate !== -1) settings.half = halfPeriod(baudrate as number);
    if (polarity !== -1) settings.polarity = (polarity as number) & 0xff;
    if (phase !== -1) settings.phase = (phase as number) & 0xff;
    if (firstBit !== -1) settings.firstBit = (firstBit as number) & 0xff;
    if (sck !== undefined) settings.sck = findPin(sck);
    if (mosi !== undefined) settings.mosi = findPin(mosi);
    if (miso !== undefined) settings.miso = findPin(miso);
    this.setUpPins();
  }

  private setUpPins(): void {
    const { sck, mosi, miso, polarity } = this.settings;
    const output = { mode: PinMode.OUTPUT, openDrain: false, pull: PinPull.NONE, speed: 2 };
    sck.gpio.set(polarity);
    sck.gpio.configure(output);
    mosi.gpio.configure(output);
    miso.gpio.configure({ ...output, mode: PinMode.INPUT });
  }

  print(out: Printer): void {
    const { half, polarity, phase, firstBit, sck, mosi, miso } = this.settings;
    const baudrate = half === 0 ? fastest() : Math.floor(500_000 / half);
    out.write(`SoftSPI(baudrate=${baudrate}, polarity=${polarity}, phase=${phase}, firstbit=${firstBit},`);
    out.write(` sck=${sck.cpuName}, mosi=${mosi.cpuName}, miso=${miso.cpuName})`);
  }

  override transfer(length: number, source: Uint8Array | undefined, destination: Uint8Array | undefined): void {
    if (source === undefined) return;
    const lsbFirst = this.settings.firstBit !== FirstBit.MSB;
    for (let i = 0; i < length; i++) {
      const received = this.exchange(lsbFirst ? source[i] : reversed(source[i]));
      if (destination !== undefined) destination[i] = lsbFirst ? reversed(received) : received;
    }
  }

  /** Sends a byte, lowest bit first. @returns what came in, the first bit highest */
  private exchange(value: number): number {
    const { half, polarity, phase } = this.settings;
    const pins: Record<'sck' | 'mosi' | 'miso', GpioPin> = {
      sck: this.settings.sck.gpio,
      mosi: this.settings.mosi.gpio,
      miso: this.settings.miso.gpio,
    };
    let received = 0;
    for (let bit = 0; bit < 8; bit++) {
      writePin(pins.mosi, (value >> bit) & 1);
      // The fastest loop knows no phase.
      if (half === 0 || phase === 0) {
        delayUs(half);
        writePin(pins.sck, 1 - polarity);
        received = (received << 1) | readPin(pins.miso);
        delayUs(half);
        writePin(pins.sck, polarity);
      } else {
        writePin(pins.sck, 1 - polarity);
        delayUs(half);
        received = (received << 1) | readPin(pins.miso);
        writePin(pins.sck, polarity);
        delayUs(half);
      }
    }
    return received;
  }
}

function reversed(byte: number): number {
  let result = 0;
  for (let bit = 0; bit < 8; bit++) result = (result << 1) | ((byte >> bit) & 1);
  return result;
}

export const softSpiType: MpType = new MpType('SoftSPI', {
  makeNew(_type, args, kw) {
    const [baudrate, polarity, phase, bits, firstBit, sck, mosi, miso] = parseArgs(NEW_ARGS, args, kw);
    vm.heap.alloc(6 * vm.wordSize);
    const half = halfPeriod(baudrate as number);
    if (bits !== 8) raiseValueError('bits must be 8');
    if (sck === undefined || mosi === undefined || miso === undefined) raiseValueError('must specify all of sck/mosi/miso');
    return new MpSoftSpi({
      half,
      polarity: (polarity as number) & 0xff,
      phase: (phase as number) & 0xff,
      firstBit: (firstBit as number) & 0xff,
      sck: findPin(sck),
      mosi: findPin(mosi),
      miso: findPin(miso),
    });
  },
  print: (out: Printer, bus: MpSoftSpi) => bus.print(out),
  locals: spiLocals,
});

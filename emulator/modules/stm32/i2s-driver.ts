/** The HAL's I2S driver as the port uses it (ports/stm32/machine_i2s.c): controller, Philips format, circular DMA through a buffer of two halves. */
import { DmaCr, DmaFlag, type DmaStream } from '../../peripherals/dma.ts';
import { RccRegister } from '../../peripherals/rcc.ts';
import { SpiCr2, SpiRegister } from '../../peripherals/spi.ts';
import { now, rebudget } from '../../vm/service.ts';
import { hardware } from '../hardware.ts';
import { IrqPriority } from '../interrupts.ts';
import { pollUntil } from './time.ts';

export const DMA_BYTES = 256;
export const HALF_BYTES = DMA_BYTES / 2;

/** I2SCFGR's bits (RM0090 section 28.5.8): the mode, controllers that send and that receive, and the enable bit. */
const I2SMOD = 0x800;
const CONTROLLER_SENDS = 0x200;
const CONTROLLER_RECEIVES = 0x300;
const I2SE = 0x400;

/** DATLEN and CHLEN for 16 and 32 bits. */
const FORMAT = { 16: 0, 32: 5 } as const;

const HALFWORDS = 0x2800;
const PLLI2SON = 1 << 26;
const PLLI2SRDY = 1 << 27;
const PLL_LIMIT = 100_000_000;
const DR = SpiRegister.DR;

/** PLLI2S factors that the port uses for rates that have no better ones: those after a reset. */
const DEFAULT_PLL = { n: 192, r: 2 };
const STANDARD_RATES = new Set([8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]);
const PLL_N = { from: 50, to: 432 };
const PLL_R = { from: 2, to: 7 };
const FASTEST_I2S = 192_000_000;

interface Divider {
  readonly divider: number;
  /** of CR's I2SDIV and ODD together, as the HAL rounds it */
  readonly rate: number;
}

/** The HAL's divider of the I2S clock for a rate. */
function dividerFor(clock: number, bits: number, rate: number): Divider {
  const divider = Math.floor((Math.floor((Math.floor(clock / (bits * 2)) * 10) / rate) + 5) / 10);
  return { divider, rate: clock / (bits * 2 * divider) };
}

/** The PLL's factors that come nearest to a rate (boards/plli2svalues.py): the first of the best. */
function pllFor(bits: number, rate: number): { n: number; r: number } {
  if (!STANDARD_RATES.has(rate)) return DEFAULT_PLL;
  const { oscillators, clock } = hardware().hardware;
  const input = Math.floor((oscillators.high ?? 0) / clock.pll.m);
  let best = DEFAULT_PLL;
  let least = Infinity;
  for (let n = PLL_N.from; n <= PLL_N.to; n++) {
    for (let r = PLL_R.from; r <= PLL_R.to; r++) {
      const i2s = Math.floor((input * n) / r);
      if (i2s >= FASTEST_I2S) continue;
      const error = Math.abs(dividerFor(i2s, bits, rate).rate - rate);
      if (error < least) {
        least = error;
        best = { n, r };
      }
    }
  }
  return best;
}

function startPll(n: number, r: number): void {
  const { rcc } = hardware().chip;
  const control = rcc.peek(RccRegister.CR);
  rcc.writeRegister(RccRegister.CR, control & ~PLLI2SON);
  rcc.writeRegister(RccRegister.PLLI2SCFGR, ((n << 6) | (r << 28)) >>> 0);
  rcc.writeRegister(RccRegister.CR, control | PLLI2SON);
  pollUntil(() => (rcc.readRegister(RccRegister.CR) & PLLI2SRDY) !== 0, PLL_LIMIT);
}

export class I2sDriver {
  readonly buffer = new Uint8Array(DMA_BYTES);
  private stream: DmaStream | undefined;
  private irq = -1;

  /** @param spi the number of the SPI block, @param onHalf called in the interrupt when one half of the buffer is done: 0 or 1 */
  constructor(
    readonly spi: number,
    private readonly onHalf: (half: 0 | 1) => void,
  ) {}

  /** Starts. `bits` are those on the line. @returns false if the rate cannot be had */
  start(transmits: boolean, bits: 16 | 32, rate: number, tableBits: number): boolean {
    const { chip } = hardware();
    now();
    const block = chip.spi(this.spi);
    chip.rcc.enable(block.name);
    const { n, r } = pllFor(tableBits, rate);
    startPll(n, r);
    const { divider } = dividerFor(chip.rcc.frequencies.i2s, bits, rate);
    const half = divider >> 1;
    if (half < 2 || half > 0xff) return false;
    block.writeRegister(SpiRegister.I2SPR, half | ((divider & 1) << 8));
    const mode = I2SMOD | (transmits ? CONTROLLER_SENDS : CONTROLLER_RECEIVES) | FORMAT[bits];
    block.writeRegister(SpiRegister.I2SCFGR, mode);
    this.startDma(`${block.name}_${transmits ? 'TX' : 'RX'}`, transmits, chip.data.peripherals[block.name].base + DR);
    block.writeRegister(SpiRegister.I2SCFGR, mode | I2SE);
    block.writeRegister(SpiRegister.CR2, transmits ? SpiCr2.TXDMAEN : SpiCr2.RXDMAEN);
    rebudget();
    return true;
  }

  private startDma(request: string, transmits: boolean, address: number): void {
    const { chip } = hardware();
    const place = findRequest(request);
    chip.rcc.enable(`DMA${place.dma}`);
    const stream = chip.dma(place.dma).streams[place.stream];
    stream.writeCr(0);
    stream.clear(0x3d);
    stream.par = address;
    stream.m0ar = 0;
    stream.ndtr = DMA_BYTES / 2;
    stream.buffer = this.buffer;
    this.stream = stream;
    this.irq = chip.irq(`DMA${place.dma}_Stream${place.stream}`);
    chip.nvic.setHandler(this.irq, () => this.serve());
    chip.nvic.enable(this.irq, IrqPriority.DMA);
    const direction = transmits ? 1 << 6 : 0;
    const control = direction | DmaCr.MINC | HALFWORDS | DmaCr.CIRC | DmaCr.HTIE | DmaCr.TCIE | DmaCr.TEIE;
    stream.writeCr(((place.channel << 25) | control | DmaCr.EN) >>> 0);
  }

  private serve(): void {
    const { stream } = this;
    if (stream === undefined) return;
    const { flags } = stream;
    if (flags & DmaFlag.HTIF) {
      stream.clear(DmaFlag.HTIF);
      this.onHalf(0);
    }
    if (flags & DmaFlag.TCIF) {
      stream.clear(DmaFlag.TCIF);
      this.onHalf(1);
    }
  }

  stop(): void {
    const { stream } = this;
    if (stream === undefined) return;
    const { chip } = hardware();
    now();
    chip.nvic.disable(this.irq);
    chip.nvic.setHandler(this.irq, undefined);
    stream.reset();
    const block = chip.spi(this.spi);
    block.reset();
    chip.rcc.enable(block.name, false);
    this.stream = undefined;
    rebudget();
  }
}

/** The stream and channel that serve a request: the first by channel, as the port's table has it. */
function findRequest(request: string): { dma: number; stream: number; channel: number } {
  for (const [dma, channels] of Object.entries(hardware().chip.data.dma)) {
    for (const [channel, streams] of channels.entries()) {
      for (const [stream, names] of Object.entries(streams)) {
        if (names.split(' ').includes(request)) return { dma: Number(dma), stream: Number(stream), channel };
      }
    }
  }
  throw new Error(`no DMA stream serves ${request}`);
}

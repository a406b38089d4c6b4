/**
 * SPI1 to SPI3 (RM0090 section 28): controller and target, all clock modes and prescalers, 8 and 16 bits, either bit first,
 * one or two data lines, CRC. The TI frame format is refused. For I2S see
 * `i2s.ts`.
 *
 * A frame costs one clock event, at its end. What is received is what was on the input's net at the sampling edges.
 */

import type { Clock, ClockEvent } from '../clock/clock.ts';
import type { ByteStream } from '../trace/byte-stream.ts';
import type { Bit } from '../trace/level.ts';
import type { Trace } from '../trace/trace.ts';
import { EdgeList } from '../trace/waveform.ts';
import type { FunctionLines } from './function-line.ts';
import { I2sMode } from './i2s.ts';
import { LineWire } from './line-wire.ts';
import { BUS_PATIENCE, patient } from './net.ts';
import { NotModelledError } from './not-modelled.ts';
import type { InterruptLine } from './nvic.ts';
import { RegisterBlock } from './register-block.ts';
import { type SpiMode, SpiPort, type SpiTarget } from './spi-bus.ts';

export const SpiRegister = {
  CR1: 0x00,
  CR2: 0x04,
  SR: 0x08,
  DR: 0x0c,
  CRCPR: 0x10,
  RXCRCR: 0x14,
  TXCRCR: 0x18,
  I2SCFGR: 0x1c,
  I2SPR: 0x20,
} as const;

export const SpiCr1 = {
  CPHA: 1,
  CPOL: 2,
  MSTR: 4,
  BR: 0x38,
  SPE: 0x40,
  LSBFIRST: 0x80,
  SSI: 0x100,
  SSM: 0x200,
  RXONLY: 0x400,
  DFF: 0x800,
  CRCNEXT: 0x1000,
  CRCEN: 0x2000,
  BIDIOE: 0x4000,
  BIDIMODE: 0x8000,
} as const;
export const SpiCr2 = { RXDMAEN: 1, TXDMAEN: 2, SSOE: 4, FRF: 0x10, ERRIE: 0x20, RXNEIE: 0x40, TXEIE: 0x80 } as const;
export const SpiFlag = { RXNE: 1, TXE: 2, CHSIDE: 4, UDR: 8, CRCERR: 0x10, MODF: 0x20, OVR: 0x40, BSY: 0x80 } as const;

const I2SMOD = 0x800;

export interface SpiOptions {
  clock: Clock;
  trace: Trace;
  lines: FunctionLines;
  /** Hz of the bus clock. */
  frequency: number;
  interrupt: InterruptLine;
  /** Hz of PLLI2S of the moment; 0 while it is off. */
  i2sFrequency: () => number;
  /** All target ports of the bench. */
  ports: Set<SpiPort>;
}

export class Spi extends RegisterBlock {
  /** Called when the DMA controller is asked to move a frame. */
  onDmaRequest?: (request: 'TX' | 'RX') => void;

  private cr1 = 0;
  private cr2 = 0;
  private sr: number = SpiFlag.TXE;
  private transmitData = 0;
  private receiveData = 0;
  private crcPolynomial = 7;
  private rxCrc = 0;
  private txCrc = 0;
  private i2scfgr = 0;
  private i2s: I2sMode | undefined;
  private i2spr = 2;
  private statusRead = false;

  private readonly clock: Clock;
  private readonly sck: LineWire;
  private readonly mosi: LineWire;
  private readonly miso: LineWire;
  private readonly nss: LineWire;
  private frequency: number;

  private shifting: number | undefined;
  private sendingCrc = false;
  private frameStart = 0;
  private frameEnd = 0;
  private event: ClockEvent | undefined;
  private readonly taken = new Set<SpiPort>();
  private exchanging: SpiPort[] = [];

  private readonly targetSide: TargetSide;
  private port: SpiPort | undefined;

  /** @param name `SPI1` */
  constructor(
    name: string,
    private readonly options: SpiOptions,
  ) {
    super(name);
    const { clock, lines } = options;
    this.clock = clock;
    this.frequency = options.frequency;
    this.sck = new LineWire(lines.get(`${name}_SCK`));
    this.mosi = new LineWire(lines.get(`${name}_MOSI`));
    this.miso = new LineWire(lines.get(`${name}_MISO`));
    this.nss = new LineWire(lines.get(`${name}_NSS`));
    this.targetSide = new TargetSide(this);
    for (const signal of ['SCK', 'MOSI', 'MISO', 'NSS']) lines.get(`${name}_${signal}`).onRouted(() => this.routed());
    lines.get(`${name}_NSS`).observe(() => this.nssChanged());
  }

  private get sent(): ByteStream {
    return this.options.trace.bytes(`${this.name.toLowerCase()}.mosi`);
  }

  private get received(): ByteStream {
    return this.options.trace.bytes(`${this.name.toLowerCase()}.miso`);
  }

  override busClockChanged(frequency: number): void {
    this.frequency = frequency;
  }

  /** ns of a bit, not rounded. */
  get bitTime(): number {
    return ((2 << ((this.cr1 & SpiCr1.BR) >> 3)) * 1e9) / this.frequency;
  }

  get mode(): SpiMode {
    return { polarity: this.cr1 & SpiCr1.CPOL ? 1 : 0, phase: this.cr1 & SpiCr1.CPHA ? 1 : 0 };
  }

  private get frameBits(): number {
    return this.cr1 & SpiCr1.DFF ? 16 : 8;
  }

  private get isController(): boolean {
    return (this.cr1 & (SpiCr1.MSTR | SpiCr1.SPE)) === (SpiCr1.MSTR | SpiCr1.SPE);
  }

  private get isOneLine(): boolean {
    return (this.cr1 & SpiCr1.BIDIMODE) !== 0;
  }

  /** A controller that only listens clocks without being asked. */
  private get isReceiveOnly(): boolean {
    return this.isOneLine ? (this.cr1 & SpiCr1.BIDIOE) === 0 : (this.cr1 & SpiCr1.RXONLY) !== 0;
  }

  override reset(): void {
    this.cr1 = this.cr2 = 0;
    this.sr = SpiFlag.TXE;
    this.transmitData = this.receiveData = this.rxCrc = this.txCrc = this.i2scfgr = 0;
    this.crcPolynomial = 7;
    this.i2spr = 2;
    this.i2s?.stop();
    this.stop();
    this.update();
  }

  override readRegister(offset: number): number {
    if (offset === SpiRegister.SR) {
      this.statusRead = true;
      return this.peek(offset);
    }
    if (offset === SpiRegister.DR) {
      if (this.statusRead) this.sr &= ~SpiFlag.OVR;
      this.sr &= ~SpiFlag.RXNE;
      this.updateInterrupt();
      return this.receiveData;
    }
    return this.peek(offset);
  }

  override peek(offset: number): number {
    switch (offset) {
      case SpiRegister.CR1:
        return this.cr1;
      case SpiRegister.CR2:
        return this.cr2;
      case SpiRegister.SR:
        return this.sr | (this.shifting !== undefined ? SpiFlag.BSY : 0);
      case SpiRegister.DR:
        return this.receiveData;
      case SpiRegister.CRCPR:
        return this.crcPolynomial;
      case SpiRegister.RXCRCR:
        return this.rxCrc;
      case SpiRegister.TXCRCR:
        return this.txCrc;
      case SpiRegister.I2SCFGR:
        return this.i2scfgr;
      case SpiRegister.I2SPR:
        return this.i2spr;
    }
    return 0;
  }

  override writeRegister(offset: number, value: number): void {
    switch (offset) {
      case SpiRegister.CR1:
        if (value & ~this.cr1 & SpiCr1.CRCEN) this.rxCrc = this.txCrc = 0;
        this.cr1 = value & 0xffff;
        // Reading SR, then writing CR1, clears the mode fault.
        if (this.statusRead) this.sr &= ~SpiFlag.MODF;
        this.update();
        return;
      case SpiRegister.CR2:
        if (value & SpiCr2.FRF) throw new NotModelledError(this.name, 'TI frame format (CR2.FRF)');
        this.cr2 = value & 0xf7;
        this.update();
        return;
      case SpiRegister.SR:
        this.sr &= value | ~SpiFlag.CRCERR;
        this.updateInterrupt();
        return;
      case SpiRegister.DR:
        this.transmit(value & 0xffff);
        return;
      case SpiRegister.CRCPR:
        this.crcPolynomial = value & 0xffff;
        return;
      case SpiRegister.I2SCFGR:
        this.i2scfgr = value & 0xfbf;
        this.updateI2s();
        return;
      case SpiRegister.I2SPR:
        this.i2spr = value & 0x3ff;
        this.updateI2s();
    }
  }

  // --- controller ------------------------------------------------------------------------------------------------

  private transmit(value: number): void {
    this.transmitData = value;
    if (this.port !== undefined && this.targetSide.restart()) {
      this.port.reload(((this.inWireOrder(value) >> (this.frameBits - 1)) & 1) as Bit);
    }
    this.sr &= ~SpiFlag.TXE;
    if (this.isController) {
      if (this.shifting === undefined && !this.isReceiveOnly) this.next();
    }
    this.updateInterrupt();
  }

  // --- I2S -------------------------------------------------------------------------------------------------------

  private updateI2s(): void {
    if (this.i2scfgr & I2SMOD) {
      this.i2s ??= new I2sMode({
        name: this.name,
        clock: this.clock,
        lines: this.options.lines,
        frequency: this.options.i2sFrequency,
        take: () => this.takeHalfWord(),
        deliver: value => this.receive(value),
        side: right => {
          this.sr = right ? this.sr | SpiFlag.CHSIDE : this.sr & ~SpiFlag.CHSIDE;
        },
      });
      // A transmitter asks for its first half-word before it starts.
      if (this.cr2 & SpiCr2.TXDMAEN && this.sr & SpiFlag.TXE) this.onDmaRequest?.('TX');
      this.i2s.configure(this.i2scfgr, this.i2spr);
    } else this.i2s?.stop();
  }

  private takeHalfWord(): number {
    const value = this.sr & SpiFlag.TXE ? 0 : this.transmitData;
    this.sr |= SpiFlag.TXE;
    this.updateInterrupt();
    if (this.cr2 & SpiCr2.TXDMAEN) this.onDmaRequest?.('TX');
    return value;
  }

  private next(): void {
    if (this.sendingCrc) return;
    if ((this.sr & SpiFlag.TXE) === 0) {
      const value = this.transmitData;
      this.sr |= SpiFlag.TXE;
      this.shift(value);
    } else if (this.isReceiveOnly) this.shift(0xffff);
  }

  private shift(value: number): void {
    const { clock, bitTime, frameBits, mode } = this;
    const start = this.frameEnd > clock.now - 1 && this.frameEnd <= clock.now ? this.frameEnd : clock.now;
    this.shifting = value;
    this.frameStart = start;
    this.frameEnd = start + frameBits * bitTime;
    const data = this.inWireOrder(value);
    const clockTimes: number[] = [];
    const clockLevels: Bit[] = [];
    const dataTimes: number[] = [];
    const dataLevels: Bit[] = [];
    const first = mode.phase === 0 ? 0.5 : 0;
    for (let bit = 0; bit < frameBits; bit++) {
      clockTimes.push(Math.round(start + (bit + first) * bitTime), Math.round(start + (bit + first + 0.5) * bitTime));
      clockLevels.push((mode.polarity ^ 1) as Bit, mode.polarity);
      const level = ((data >> (frameBits - 1 - bit)) & 1) as Bit;
      if (dataLevels.length > 0 && dataLevels[dataLevels.length - 1] === level) continue;
      dataTimes.push(Math.round(start + bit * bitTime));
      dataLevels.push(level);
    }
    if (!this.isReceiveOnly) this.mosi.play(new EdgeList(dataTimes, dataLevels, dataLevels[0]));
    this.exchangeOut(start);
    this.listen();
    this.sck.play(new EdgeList(clockTimes, clockLevels, mode.polarity));
    this.event = clock.at(Math.ceil(this.frameEnd), () => this.shifted());
    if (this.cr2 & SpiCr2.TXDMAEN && this.sr & SpiFlag.TXE) this.onDmaRequest?.('TX');
  }

  private shifted(): void {
    const sent = this.shifting!;
    const { frameBits } = this;
    const received = this.inWireOrder(this.sample(this.isOneLine ? this.mosi : this.miso));
    if (this.exchanging.length > 0) {
      const driven = this.sample(this.mosi);
      for (const port of this.exchanging) {
        for (let shift = frameBits - 8; shift >= 0; shift -= 8) port.target.input((driven >> shift) & 0xff);
      }
      this.exchanging = [];
    }
    this.shifting = undefined;
    if (!this.isReceiveOnly) this.sent.record(sent & (frameBits === 8 ? 0xff : 0xffff));
    const wasCrc = this.sendingCrc;
    if (this.cr1 & SpiCr1.CRCEN) this.countCrc(sent, received, wasCrc);
    this.sendingCrc = false;
    if (!(this.isOneLine && !this.isReceiveOnly)) this.receive(received);
    if (this.cr1 & SpiCr1.CRCEN && this.cr1 & SpiCr1.CRCNEXT && !wasCrc) {
      this.cr1 &= ~SpiCr1.CRCNEXT;
      this.shift(this.txCrc);
      this.sendingCrc = true;
    } else if (this.isController) this.next();
    if (this.shifting === undefined) this.stopListening();
    this.updateInterrupt();
  }

  /** While a frame is clocked on wires that go on at other boards: those may answer any bit. */
  private listening: (() => void) | undefined;

  private listen(): void {
    if (this.listening !== undefined || this.miso.net?.joint === undefined) return;
    const stop = this.miso.observe(
      patient(
        () => {},
        () => BUS_PATIENCE,
      ),
    );
    this.listening = stop;
  }

  private stopListening(): void {
    this.listening?.();
    this.listening = undefined;
  }

  /** @internal A frame has come in. */
  receive(value: number): void {
    this.received.record(value);
    if (this.sr & SpiFlag.RXNE) this.sr |= SpiFlag.OVR;
    else {
      this.receiveData = value;
      this.sr |= SpiFlag.RXNE;
      if (this.cr2 & SpiCr2.RXDMAEN) this.onDmaRequest?.('RX');
    }
    this.updateInterrupt();
  }

  /** What the line was at the sampling edges of the frame that ends now. */
  private sample(line: LineWire): number {
    const { bitTime, frameBits, frameStart } = this;
    // The sampling edge is in the middle of the time for which a bit is on the line, in either phase.
    let value = 0;
    for (let bit = 0; bit < frameBits; bit++) value = (value << 1) | line.bitAt(Math.round(frameStart + (bit + 0.5) * bitTime));
    return value;
  }

  private inWireOrder(value: number): number {
    if ((this.cr1 & SpiCr1.LSBFIRST) === 0) return value;
    let reversed = 0;
    for (let bit = 0; bit < this.frameBits; bit++) reversed = (reversed << 1) | ((value >> bit) & 1);
    return reversed;
  }

  /** Lets the targets on our nets put their bytes on the line. */
  private exchangeOut(start: number): void {
    this.exchanging = [];
    const { mode, frameBits, bitTime } = this;
    for (const port of this.options.ports) {
      if (port === this.port) continue;
      const ours = this.sck.net !== undefined && port.wires.sck.net === this.sck.net && port.understands(mode);
      if (!ours) {
        if (this.taken.delete(port)) port.giveBack();
        continue;
      }
      if (!this.taken.has(port)) {
        this.taken.add(port);
        port.take();
      }
      if (!port.isSelected) continue;
      this.exchanging.push(port);
      const times: number[] = [];
      const levels: Bit[] = [];
      for (let byte = 0; byte < frameBits / 8; byte++) {
        const value = port.nextByte();
        for (let bit = 0; bit < 8; bit++) {
          times.push(Math.round(start + (byte * 8 + bit) * bitTime));
          levels.push(((value >> (7 - bit)) & 1) as Bit);
        }
      }
      port.wires.miso?.play(new EdgeList(times, levels, levels[0]));
    }
  }

  private countCrc(sent: number, received: number, isCrc: boolean): void {
    if (isCrc) {
      if (received !== this.rxCrc) this.sr |= SpiFlag.CRCERR;
      return;
    }
    this.txCrc = this.crcAfter(this.txCrc, sent);
    this.rxCrc = this.crcAfter(this.rxCrc, received);
  }

  private crcAfter(crc: number, value: number): number {
    const bits = this.frameBits;
    const top = 1 << (bits - 1);
    const mask = bits === 8 ? 0xff : 0xffff;
    crc ^= value & mask;
    for (let bit = 0; bit < bits; bit++) crc = crc & top ? ((crc << 1) ^ this.crcPolynomial) & mask : (crc << 1) & mask;
    return crc;
  }

  private stop(): void {
    this.clock.cancel(this.event);
    this.shifting = undefined;
    this.sendingCrc = false;
    this.letGo();
  }

  /** The targets watch their wires again. */
  private letGo(): void {
    for (const port of this.taken) port.giveBack();
    this.taken.clear();
    this.exchanging = [];
  }

  // --- what depends on the registers -----------------------------------------------------------------------------

  private update(): void {
    if (this.isController) {
      this.removePort();
      if (this.nssFaults) {
        this.nssChanged();
        return;
      }
      if (this.shifting === undefined) {
        this.sck.drive(this.mode.polarity);
        if (this.isReceiveOnly) {
          this.mosi.drive(-1);
          this.next();
        } else if (this.sr & SpiFlag.TXE) this.mosi.drive(this.mosi.net === undefined ? 0 : this.mosi.bit);
        else this.next();
      }
      this.nss.drive((this.cr1 & SpiCr1.SSM) === 0 && this.cr2 & SpiCr2.SSOE ? 0 : -1);
    } else {
      if (this.shifting !== undefined || this.taken.size > 0) this.stop();
      for (const line of [this.sck, this.mosi, this.nss]) line.drive(-1);
      this.updatePort();
    }
    this.updateInterrupt();
    if ((this.cr1 & SpiCr1.SPE || this.i2scfgr & I2SMOD) && this.cr2 & SpiCr2.TXDMAEN && this.sr & SpiFlag.TXE) this.onDmaRequest?.('TX');
  }

  private routed(): void {
    // Whoever takes the clock's pin over drives it by hand: the targets have to follow its edges again.
    if (this.sck.net === undefined) this.letGo();
    if ((this.cr1 & SpiCr1.MSTR) === 0) this.updatePort();
  }

  private get nssFaults(): boolean {
    if (this.cr1 & SpiCr1.SSM) return (this.cr1 & SpiCr1.SSI) === 0;
    return (this.cr2 & SpiCr2.SSOE) === 0 && this.nss.net !== undefined && this.nss.bit === 0;
  }

  /** Another controller has selected us: a mode fault (RM0090 section 28.3.10). */
  private nssChanged(): void {
    if (!this.isController || !this.nssFaults) return;
    this.cr1 &= ~(SpiCr1.MSTR | SpiCr1.SPE);
    this.sr |= SpiFlag.MODF;
    this.stop();
    this.update();
  }

  private updateInterrupt(): void {
    const { sr, cr2 } = this;
    this.options.interrupt.set(
      ((sr & SpiFlag.TXE) !== 0 && (cr2 & SpiCr2.TXEIE) !== 0) ||
        ((sr & SpiFlag.RXNE) !== 0 && (cr2 & SpiCr2.RXNEIE) !== 0) ||
        ((sr & (SpiFlag.OVR | SpiFlag.MODF | SpiFlag.CRCERR)) !== 0 && (cr2 & SpiCr2.ERRIE) !== 0),
    );
  }

  // --- target ----------------------------------------------------------------------------------------------------

  private updatePort(): void {
    const wanted = (this.cr1 & (SpiCr1.SPE | SpiCr1.MSTR)) === SpiCr1.SPE && this.sck.net !== undefined;
    if (!wanted) {
      this.removePort();
      return;
    }
    const bySoftware = (this.cr1 & SpiCr1.SSM) !== 0;
    if (this.port === undefined) {
      this.port = new SpiPort(
        {
          sck: this.sck,
          mosi: this.isOneLine ? undefined : this.mosi,
          miso: this.miso,
          select: bySoftware ? undefined : this.nss,
        },
        this.targetSide,
        this.mode,
        this.options.ports,
      );
    }
    this.port.mode = this.mode;
    if (bySoftware) this.port.setSelected((this.cr1 & SpiCr1.SSI) === 0);
  }

  private removePort(): void {
    const { port } = this;
    this.port = undefined;
    port?.remove();
  }

  /** @internal */
  get targetFrame(): { bits: number; leastFirst: boolean } {
    return { bits: this.frameBits, leastFirst: (this.cr1 & SpiCr1.LSBFIRST) !== 0 };
  }

  /** @internal */
  get hasNothingToSend(): boolean {
    return (this.sr & SpiFlag.TXE) !== 0;
  }

  /** @internal The frame that the target side sends next; takes it out of the data register. */
  takeTransmitData(): number {
    if ((this.sr & SpiFlag.TXE) === 0) {
      this.sr |= SpiFlag.TXE;
      this.updateInterrupt();
      if (this.cr2 & SpiCr2.TXDMAEN) this.onDmaRequest?.('TX');
    }
    return this.inWireOrder(this.transmitData);
  }

  /** @internal */
  receiveAsTarget(frame: number): void {
    this.receive(this.inWireOrder(frame));
  }
}

/** The block when another controller clocks it. */
class TargetSide implements SpiTarget {
  private outgoing = 0;
  private outgoingBytes = 0;
  /** There was nothing new to send when the frame that goes out was asked for. */
  private stale = true;
  private incoming = 0;
  private incomingBytes = 0;

  constructor(private readonly spi: Spi) {}

  select(): void {
    this.outgoingBytes = this.incomingBytes = this.incoming = 0;
  }

  deselect(): void {
    this.outgoingBytes = this.incomingBytes = 0;
  }

  /** There is a new frame to send. @returns false if one waits or is under way */
  restart(): boolean {
    if (this.incomingBytes > 0 || !this.stale) return false;
    this.outgoingBytes = 0;
    return true;
  }

  output(): number {
    if (this.outgoingBytes === 0) {
      this.stale = this.spi.hasNothingToSend;
      this.outgoing = this.spi.takeTransmitData();
      this.outgoingBytes = this.spi.targetFrame.bits / 8;
    }
    this.outgoingBytes--;
    return (this.outgoing >> (this.outgoingBytes * 8)) & 0xff;
  }

  input(byte: number): void {
    this.incoming = ((this.incoming << 8) | byte) & 0xffff;
    if (++this.incomingBytes < this.spi.targetFrame.bits / 8) return;
    this.incomingBytes = 0;
    this.spi.receiveAsTarget(this.spi.targetFrame.bits === 8 ? byte : this.incoming);
    this.incoming = 0;
  }
}

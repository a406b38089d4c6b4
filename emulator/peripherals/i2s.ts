/**
 * I2S mode of SPI2 and SPI3 (RM0090 section 28.4): controller, transmitting or receiving, Philips and left-justified format, 16, 24 and 32
 * bits in channels of 16 or 32. Target modes, right-justified and PCM format, and the output of the master clock are refused.
 *
 * Half a word on the line costs one clock event. What is received is what was on SD at the clock's rising edges.
 */
import type { Clock, ClockEvent } from '../clock/clock.ts';
import type { Bit } from '../trace/level.ts';
import { EdgeList } from '../trace/waveform.ts';
import type { FunctionLines } from './function-line.ts';
import { LineWire } from './line-wire.ts';
import { NotModelledError } from './not-modelled.ts';

/** I2SCFGR's bits. */
export const I2sCfgr = {
  CHLEN: 1,
  DATLEN: 6,
  CKPOL: 8,
  I2SSTD: 0x30,
  PCMSYNC: 0x80,
  I2SCFG: 0x300,
  I2SE: 0x400,
  I2SMOD: 0x800,
} as const;

const ODD = 0x100;
const MCKOE = 0x200;

const CONTROLLER_TRANSMITS = 2;

/** Bits of a piece that the data register holds. */
const PIECE = 16;

/** The side of the SPI block: its data register. */
export interface I2sHost {
  /** What the program has put into the data register, and frees it; undefined if nothing. */
  take(): number | undefined;
  receive(value: number): void;
}

export class I2s {
  private config = 0;
  private prescaler = 2;
  private event: ClockEvent | undefined;
  /** when the current piece began, ns, not rounded */
  private start = 0;
  /** pieces since the beginning */
  private piece = 0;
  private running = false;
  private readonly ck: LineWire;
  private readonly ws: LineWire;
  private readonly sd: LineWire;

  /**
   * @param name `I2S2`
   * @param frequency Hz of the I2S clock of the moment; 0 while its PLL is off
   */
  constructor(
    readonly name: string,
    private readonly clock: Clock,
    lines: FunctionLines,
    private readonly frequency: () => number,
    private readonly host: I2sHost,
  ) {
    [this.ck, this.ws, this.sd] = ['CK', 'WS', 'SD'].map(signal => new LineWire(lines.get(`${name}_${signal}`)));
  }

  /** Whether the block is in I2S mode. */
  get isSelected(): boolean {
    return (this.config & I2sCfgr.I2SMOD) !== 0;
  }

  get isEnabled(): boolean {
    return this.isSelected && (this.config & I2sCfgr.I2SE) !== 0;
  }

  /** Bits of a channel on the line. */
  get channelBits(): 16 | 32 {
    return this.config & (I2sCfgr.CHLEN | I2sCfgr.DATLEN) ? 32 : 16;
  }

  /** ns of a bit, not rounded. */
  get bitTime(): number {
    const divider = 2 * (this.prescaler & 0xff) + (this.prescaler & ODD ? 1 : 0);
    return (divider * 1e9) / this.frequency();
  }

  /** Samples a second of each channel. */
  get rate(): number {
    return 1e9 / (2 * this.channelBits * this.bitTime);
  }

  /** SR's CHSIDE: the right channel is next. */
  get rightIsNext(): boolean {
    return (this.slot & 1) === 1;
  }

  private get piecesPerSlot(): number {
    return this.channelBits / PIECE;
  }

  private get slot(): number {
    return Math.floor(this.piece / this.piecesPerSlot);
  }

  private get transmits(): boolean {
    return (this.config & I2sCfgr.I2SCFG) >> 8 === CONTROLLER_TRANSMITS;
  }

  private get isPhilips(): boolean {
    return (this.config & I2sCfgr.I2SSTD) === 0;
  }

  /** I2SCFGR or I2SPR was written. @throws NotModelledError */
  configure(config: number, prescaler: number): void {
    const was = this.isEnabled;
    this.config = config;
    this.prescaler = prescaler;
    if (!this.isSelected) {
      this.stop();
      for (const line of [this.ck, this.ws, this.sd]) line.drive(-1);
      return;
    }
    this.refuse();
    if (this.isEnabled && !was) this.begin();
    else if (!this.isEnabled) {
      this.stop();
      this.ck.drive(config & I2sCfgr.CKPOL ? 1 : 0);
      this.ws.drive(this.isPhilips ? 1 : 0);
      this.sd.drive(this.transmits ? 0 : -1);
    }
  }

  /** The data register has been written. */
  dataReady(): void {
    if (this.isEnabled && this.transmits && !this.running) this.next(this.clock.now);
  }

  private refuse(): void {
    const standard = (this.config & I2sCfgr.I2SSTD) >> 4;
    if (standard > 1) throw new NotModelledError(this.name, 'right-justified and PCM format (I2SCFGR.I2SSTD)');
    if ((this.config & I2sCfgr.I2SCFG) >> 8 < CONTROLLER_TRANSMITS) throw new NotModelledError(this.name, 'target modes (I2SCFGR.I2SCFG)');
    if (this.prescaler & MCKOE) throw new NotModelledError(this.name, 'the output of the master clock (I2SPR.MCKOE)');
  }

  private begin(): void {
    if (this.frequency() === 0) return;
    this.piece = 0;
    this.ws.drive(this.isPhilips ? 0 : 1);
    this.ck.drive(this.config & I2sCfgr.CKPOL ? 1 : 0);
    this.sd.drive(this.transmits ? 0 : -1);
    // In Philips format the word select leads by one bit.
    const lead = this.isPhilips ? this.bitTime : 0;
    if (!this.transmits) this.next(this.clock.now + lead);
  }

  private stop(): void {
    this.clock.cancel(this.event);
    this.running = false;
  }

  /** Puts the next piece on the line, from `start` (ns, not rounded) on. */
  private next(start: number): void {
    const { clock, bitTime, transmits } = this;
    const carriesData = !(this.piecesPerSlot === 2 && this.piece % 2 === 1 && (this.config & I2sCfgr.DATLEN) === 0);
    let value = 0;
    if (transmits && carriesData) {
      const given = this.host.take();
      if (given === undefined) {
        this.running = false;
        return;
      }
      value = given;
    }
    this.running = true;
    this.start = start;
    this.playClock(start, bitTime);
    if (transmits) this.playData(start, bitTime, value);
    this.playSelect(start, bitTime);
    const end = start + PIECE * bitTime;
    this.event = clock.at(Math.ceil(end), () => {
      if (!transmits && carriesData) this.host.receive(this.sample());
      this.piece++;
      this.next(end);
    });
  }

  private playClock(start: number, bitTime: number): void {
    const times: number[] = [];
    const levels: Bit[] = [];
    const idle: Bit = this.config & I2sCfgr.CKPOL ? 1 : 0;
    for (let bit = 0; bit < PIECE; bit++) {
      times.push(Math.round(start + bit * bitTime), Math.round(start + (bit + 0.5) * bitTime));
      levels.push(idle, (1 - idle) as Bit);
    }
    this.ck.play(new EdgeList(times, levels, idle));
  }

  private playData(start: number, bitTime: number, value: number): void {
    const times: number[] = [];
    const levels: Bit[] = [];
    for (let bit = 0; bit < PIECE; bit++) {
      times.push(Math.round(start + bit * bitTime));
      levels.push(((value >> (PIECE - 1 - bit)) & 1) as Bit);
    }
    this.sd.play(new EdgeList(times, levels, levels[0]));
  }

  private playSelect(start: number, bitTime: number): void {
    const { slot, piecesPerSlot, piece, isPhilips } = this;
    const side = (s: number) => ((isPhilips ? s : s + 1) & 1) as Bit;
    const ends = piece % piecesPerSlot === piecesPerSlot - 1;
    if (!isPhilips) this.ws.drive(side(slot));
    else if (ends) this.ws.play(new EdgeList([Math.round(start + (PIECE - 1) * bitTime)], [side(slot + 1)], side(slot)));
  }

  /** What was on the line at the sampling edges of the piece that ends now. */
  private sample(): number {
    const { start, bitTime } = this;
    let value = 0;
    for (let bit = 0; bit < PIECE; bit++) value = (value << 1) | this.sd.bitAt(Math.round(start + (bit + 0.5) * bitTime));
    return value;
  }
}

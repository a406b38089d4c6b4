/**
 * An SPI block in I2S mode (RM0090 section 28.4): master transmitter and receiver, Philips and left-justified standard, 16,
 * 24 and 32 bits in channels of 16 or 32. Slave modes and the other standards are refused.
 *
 * The clocks are waveforms that cost nothing; a half-word costs one clock event.
 */
import type { Clock, ClockEvent } from '../clock/clock.ts';
import type { Bit, Level } from '../trace/level.ts';
import { EdgeList, type Waveform } from '../trace/waveform.ts';
import type { FunctionLines } from './function-line.ts';
import { LineWire } from './line-wire.ts';
import { NotModelledError } from './not-modelled.ts';

const CHLEN = 1;
const CKPOL = 8;
const I2SE = 0x400;

export interface I2sOptions {
  /** `SPI2`: its I2S signals are called I2S2. */
  name: string;
  clock: Clock;
  lines: FunctionLines;
  /** Hz of PLLI2S of the moment; 0 while it is off */
  frequency: () => number;
  /** The next half-word to send; 0 if the program was too slow. */
  take: () => number;
  /** A half-word was received. */
  deliver: (value: number) => void;
  /** Which channel is under way: SR's CHSIDE. */
  side: (right: boolean) => void;
}

export class I2sMode {
  private config = 0;
  private prescaler = 2;
  private running = false;
  private event: ClockEvent | undefined;
  private right = false;
  private halfStart = 0;
  private lastBit: Bit = 0;

  private readonly ck: LineWire;
  private readonly ws: LineWire;
  private readonly sd: LineWire;
  private readonly mck: LineWire;

  constructor(private readonly options: I2sOptions) {
    const number = options.name.slice(3);
    const line = (signal: string) => new LineWire(options.lines.get(`I2S${number}_${signal}`));
    this.ck = line('CK');
    this.ws = line('WS');
    this.sd = line('SD');
    this.mck = line('MCK');
  }

  /** Hz of the samples; 0 while the clock is off. */
  get sampleRate(): number {
    const divider = 2 * (this.prescaler & 0xff) + ((this.prescaler >> 8) & 1);
    const clock = this.options.frequency();
    return clock === 0 || divider < 4 ? 0 : clock / (this.prescaler & 0x200 ? 256 * divider : 2 * this.channelBits * divider);
  }

  private get channelBits(): number {
    return this.config & CHLEN || this.dataBits > 16 ? 32 : 16;
  }

  private get dataBits(): number {
    return [16, 24, 32, 32][(this.config >> 1) & 3];
  }

  private get receives(): boolean {
    return (this.config & 0x300) === 0x300;
  }

  private get bitTime(): number {
    return 1e9 / (this.sampleRate * 2 * this.channelBits);
  }

  /** I2SCFGR and I2SPR have been written. @throws NotModelledError for what is not done */
  configure(config: number, prescaler: number): void {
    if ((config & 0x200) === 0 && config & I2SE) throw new NotModelledError(this.options.name, 'I2S slave mode (I2SCFGR.I2SCFG)');
    if ((config & 0x30) > 0x10)
      throw new NotModelledError(this.options.name, 'I2S standards but Philips and left-justified (I2SCFGR.I2SSTD)');
    this.config = config;
    this.prescaler = prescaler;
    const enabled = (config & I2SE) !== 0 && this.sampleRate > 0;
    if (enabled && !this.running) this.start();
    else if (!enabled && this.running) this.stop();
  }

  /** Stops the clocks. */
  stop(): void {
    this.running = false;
    this.options.clock.cancel(this.event);
    for (const line of [this.ck, this.ws, this.sd, this.mck]) line.drive(-1);
  }

  private start(): void {
    const { clock } = this.options;
    this.running = true;
    this.right = false;
    this.lastBit = 0;
    const { now } = clock;
    const period = this.bitTime;
    // Data changes at falling edges of CK, and so does WS, low for the left channel.
    this.ck.play(new Square(now, period, this.config & CKPOL ? 1 : 0));
    this.ws.play(new Square(now, period * this.channelBits * 2, this.config & 0x10 ? 1 : 0));
    if (this.prescaler & 0x200) this.mck.play(new Square(now, 1e9 / (256 * this.sampleRate), 0));
    this.halfStart = now;
    this.half(false);
  }

  /**
   * A half-word begins: the first of a channel when WS has changed, the second in the middle. With the Philips standard its
   * data comes one clock later.
   */
  private half(second: boolean): void {
    const { clock, side } = this.options;
    const { bitTime } = this;
    const delay = this.config & 0x10 ? 0 : bitTime;
    const begin = this.halfStart;
    const carriesData = !second || this.dataBits > 16;
    const last = second || this.channelBits === 16;
    if (!second) side(this.right);
    if (!this.receives) this.send(begin + delay, carriesData ? this.options.take() : 0);
    const end = (this.halfStart = begin + 16 * bitTime);
    if (last) this.right = !this.right;
    const next = () => this.half(!last);
    if (!this.receives) this.event = clock.at(Math.ceil(end), next);
    else {
      // The last bit is still on the wire when WS has changed: it is sampled half a clock later.
      this.event = clock.at(Math.ceil(end + delay), () => {
        if (carriesData) this.options.deliver(this.sample(begin + delay));
        if (this.running) next();
      });
    }
  }

  private send(start: number, word: number): void {
    const times: number[] = [];
    const levels: Level[] = [];
    const before = this.lastBit;
    for (let bit = 0; bit < 16; bit++) {
      const value = ((word >> (15 - bit)) & 1) as Bit;
      if (value === this.lastBit) continue;
      this.lastBit = value;
      times.push(Math.round(start + bit * this.bitTime));
      levels.push(value);
    }
    this.sd.play(new EdgeList(times, levels, before));
  }

  private sample(start: number): number {
    let word = 0;
    for (let bit = 0; bit < 16; bit++) word = (word << 1) | this.sd.bitAt(Math.round(start + (bit + 0.5) * this.bitTime));
    return word;
  }
}

/** A square wave of any period in ns, at `first` for its first half. */
class Square implements Waveform {
  readonly duty = 0.5;

  constructor(
    private readonly start: number,
    private readonly period: number,
    private readonly first: Bit,
  ) {}

  levelAt(time: number): Level {
    return (this.halves(time) % 2 === 0 ? this.first : this.first ^ 1) as Level;
  }

  nextEdge(time: number): number {
    let next = Math.round(this.start + ((this.halves(time) + 1) * this.period) / 2);
    if (next <= time) next = Math.round(this.start + ((this.halves(time) + 2) * this.period) / 2);
    return next;
  }

  /** Halves that have begun by a time; each begins at the nearest whole ns. */
  private halves(time: number): number {
    return Math.max(0, Math.floor(((time + 0.5 - this.start) * 2) / this.period));
  }
}

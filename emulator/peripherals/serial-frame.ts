/**
 * Asynchronous serial frames on a wire (RM0090 section 30.3.1): a start bit, data with the least significant bit first,
 * perhaps parity, stop bits. Used by the USARTs and by parts that talk to them.
 */
import type { Clock, ClockEvent } from '../clock/clock.ts';
import { type Bit, Level } from '../trace/level.ts';
import { EdgeList } from '../trace/waveform.ts';
import { type EdgeObserver, patient } from './net.ts';

export interface SerialFormat {
  /** 5 to 9, parity not counted */
  dataBits: number;
  parity: 'none' | 'even' | 'odd';
  stopBits: 0.5 | 1 | 1.5 | 2;
}

export const EIGHT_N_1: SerialFormat = { dataBits: 8, parity: 'none', stopBits: 1 };

/** Bits from the start bit's beginning to the last stop bit's end. */
export function frameLength(format: SerialFormat): number {
  return 1 + format.dataBits + (format.parity === 'none' ? 0 : 1) + format.stopBits;
}

/** The parity bit that belongs to a value. */
export function parityOf(value: number, parity: 'even' | 'odd'): Bit {
  let bit = parity === 'odd' ? 1 : 0;
  for (let rest = value; rest !== 0; rest >>>= 1) bit ^= rest & 1;
  return bit as Bit;
}

/**
 * The wire while a value is sent, idle at the end.
 * @param start ns at which the start bit begins; need not be whole
 * @param bitTime ns of a bit; need not be whole
 */
export function frameWaveform(value: number, format: SerialFormat, start: number, bitTime: number): EdgeList {
  const bits: Bit[] = [0];
  for (let i = 0; i < format.dataBits; i++) bits.push(((value >>> i) & 1) as Bit);
  if (format.parity !== 'none') bits.push(parityOf(value, format.parity));
  bits.push(1);
  const times: number[] = [];
  const levels: Level[] = [];
  let last: Bit = 1;
  bits.forEach((bit, index) => {
    if (bit === last) return;
    last = bit;
    times.push(Math.round(start + index * bitTime));
    levels.push(bit);
  });
  return new EdgeList(times, levels, Level.HIGH);
}

/** What a receiver made of a frame. */
export interface ReceivedFrame {
  value: number;
  parityError: boolean;
  framingError: boolean;
  /** the three samples of some bit differed */
  noise: boolean;
  /** the line was low for the whole frame */
  isBreak: boolean;
}

/** Something that can be listened to: a terminal, or a peripheral's line. */
export interface SerialInput {
  readonly bit: Bit;
  observe(observer: EdgeObserver): () => void;
}

/** Where in a bit the receiver samples, three times around the middle. */
const SAMPLES = [7.5 / 16, 8.5 / 16, 9.5 / 16];

/**
 * Makes frames of edges. It notes the edges of a frame and looks at them once, when the stop bit has been sampled: one
 * clock event a frame.
 */
export class SerialReceiver {
  /** Called for each frame, in the middle of its stop bit. */
  onFrame?: (frame: ReceivedFrame) => void;
  /** Called when a start bit has begun. */
  onStart?: () => void;

  private stop: (() => void) | undefined;
  private start = -1;
  private readonly edgeTimes: number[] = [];
  private end: ClockEvent | undefined;

  /** @param bitTime ns of a bit; need not be whole */
  constructor(
    private readonly clock: Clock,
    public bitTime: number,
    public format: SerialFormat = EIGHT_N_1,
  ) {}

  /** Whether a frame is under way. */
  get busy(): boolean {
    return this.start >= 0;
  }

  /** Listens to a wire from now on, instead of any other. */
  listen(input: SerialInput): void {
    this.silence();
    // A frame is looked at when its stop bit has been sampled: its edges may be told late.
    this.stop = input.observe(
      patient(
        (bit, time) => this.edge(bit, time),
        () => 8 * this.bitTime,
      ),
    );
  }

  /** Stops listening; a frame under way is lost. */
  silence(): void {
    this.stop?.();
    this.stop = undefined;
    this.abandon();
  }

  private abandon(): void {
    this.start = -1;
    this.edgeTimes.length = 0;
    this.clock.cancel(this.end);
  }

  private edge(bit: Bit, time: number): void {
    if (this.start < 0) {
      if (bit === 1) return;
      this.start = time;
      const stopBit = 1 + this.format.dataBits + (this.format.parity === 'none' ? 0 : 1);
      this.end = this.clock.at(Math.round(time + (stopBit + 0.6) * this.bitTime), () => this.finish());
      this.onStart?.();
      return;
    }
    // A start bit that does not last to its middle was a glitch.
    if (bit === 1 && time < this.start + this.bitTime / 2) this.abandon();
    else this.edgeTimes.push(time);
  }

  private finish(): void {
    const { format } = this;
    const bits: Bit[] = [];
    let noise = false;
    const length = 1 + format.dataBits + (format.parity === 'none' ? 0 : 1) + 1;
    for (let index = 0; index < length; index++) {
      const votes = SAMPLES.reduce((sum, place) => sum + this.levelAt(this.start + (index + place) * this.bitTime), 0);
      if (votes === 1 || votes === 2) noise = true;
      bits.push(votes >= 2 ? 1 : 0);
    }
    let value = 0;
    for (let i = 0; i < format.dataBits; i++) value |= bits[1 + i] << i;
    const parityError = format.parity !== 'none' && bits[1 + format.dataBits] !== parityOf(value, format.parity);
    const framingError = bits[length - 1] === 0;
    const isBreak = bits.every(bit => bit === 0);
    this.start = -1;
    this.edgeTimes.length = 0;
    this.onFrame?.({ value, parityError, framingError, noise, isBreak });
  }

  /** The line since the start bit: low, then changing at each noted edge. */
  private levelAt(time: number): number {
    let level = 0;
    for (const edge of this.edgeTimes) {
      if (edge > time) break;
      level ^= 1;
    }
    return level;
  }
}

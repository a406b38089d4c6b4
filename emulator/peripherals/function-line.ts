/**
 * A peripheral's signal on its way to pins: `TIM2_CH1`, `USART1_TX`, `I2C1_SDA`.
 *
 * The peripheral drives it, or listens to it, without knowing to which pins the alternate function registers connect it:
 * none, one, or several. A signal that no pin carries costs nothing and reads as its idle level.
 */
import type { Bit } from '../trace/level.ts';
import type { Waveform } from '../trace/waveform.ts';
import type { Drive, EdgeObserver, Terminal } from './net.ts';

/** What a line needs to know of a pin. */
export interface FunctionPin {
  readonly bit: Bit;
  readonly terminal: Terminal;
  /** The line's output has changed. */
  functionChanged(): void;
  observe(observer: EdgeObserver): () => void;
}

export class FunctionLine {
  /** What the peripheral drives; -1 if it only listens or is off. */
  output: Drive = -1;
  /** What the peripheral plays instead, if anything. */
  waveform: Waveform | undefined;
  /** The pins that carry the signal now. */
  readonly pins: FunctionPin[] = [];
  private whenRouted: (() => void) | undefined;

  private readonly observers: { observer: EdgeObserver; stop: (() => void) | undefined }[] = [];

  /** @param idle what the peripheral reads while no pin carries the signal */
  constructor(
    readonly name: string,
    readonly idle: Bit = 0,
  ) {}

  /** From now on calls back when a pin was connected or disconnected. */
  onRouted(callback: () => void): void {
    this.whenRouted = callback;
  }

  /** The level at the pin. */
  get bit(): Bit {
    return this.pins.length > 0 ? this.pins[0].bit : this.idle;
  }

  /** Drives the pins low or high, or lets them go. */
  drive(output: Drive): void {
    if (output === this.output && this.waveform === undefined) return;
    this.output = output;
    this.waveform = undefined;
    for (let i = 0; i < this.pins.length; i++) this.pins[i].functionChanged();
  }

  /** Drives what the waveform says from now on. */
  play(waveform: Waveform): void {
    this.output = -1;
    this.waveform = waveform;
    for (let i = 0; i < this.pins.length; i++) this.pins[i].functionChanged();
  }

  /** Calls back at each edge at the pin while one carries the signal. @returns a function that ends it */
  observe(observer: EdgeObserver): () => void {
    const entry = { observer, stop: this.pins[0]?.observe(observer) };
    this.observers.push(entry);
    return () => {
      entry.stop?.();
      const place = this.observers.indexOf(entry);
      if (place >= 0) this.observers.splice(place, 1);
    };
  }

  /** @internal called by the pin */
  attach(pin: FunctionPin): void {
    this.pins.push(pin);
    this.routed();
  }

  /** @internal called by the pin */
  detach(pin: FunctionPin): void {
    const place = this.pins.indexOf(pin);
    if (place >= 0) this.pins.splice(place, 1);
    this.routed();
  }

  private routed(): void {
    for (const entry of this.observers) {
      entry.stop?.();
      entry.stop = this.pins[0]?.observe(entry.observer);
    }
    this.whenRouted?.();
  }
}

/** All the signals of a chip, by name; made when first asked for. */
export class FunctionLines {
  private readonly lines = new Map<string, FunctionLine>();

  get(name: string): FunctionLine {
    let line = this.lines.get(name);
    if (line === undefined) {
      // A serial line idles high; everything else reads 0 at an input that is not connected.
      line = new FunctionLine(name, /_RX$|_CTS$|_SCL$|_SDA$/.test(name) ? 1 : 0);
      this.lines.set(name, line);
    }
    return line;
  }
}

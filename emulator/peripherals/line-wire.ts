/** A peripheral's line as a wire of a bus, and what was on it: the trace of its pin is its memory. */
import type { Bit } from '../trace/level.ts';
import type { Waveform } from '../trace/waveform.ts';
import type { FunctionLine } from './function-line.ts';
import type { Drive, EdgeObserver, Net } from './net.ts';

export class LineWire {
  constructor(private readonly line: FunctionLine) {}

  get bit(): Bit {
    return this.line.bit;
  }

  get net(): Net | undefined {
    return this.line.pins[0]?.terminal.net;
  }

  drive(drive: Drive): void {
    this.line.drive(drive);
  }

  play(waveform: Waveform): void {
    this.line.play(waveform);
  }

  observe(observer: EdgeObserver): () => void {
    return this.line.observe(observer);
  }

  /** The logic value at a time not later than now; the idle level while no pin carries the line. */
  bitAt(time: number): Bit {
    const terminal = this.line.pins[0]?.terminal;
    terminal?.net.joint?.sync();
    return terminal?.signal?.bitAt(time) ?? this.line.idle;
  }
}

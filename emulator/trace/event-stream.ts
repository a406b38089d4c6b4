/**
 * Recorded events of one source: bus transfers, boot phases, exceptions, resets, contention, markers.
 *
 * An event has a name, a beginning and an end, and may have a number (a bus address, an exit code), a text (a traceback)
 * and bytes (what was transferred). All of it lies in columns; no object is made for an event until somebody asks.
 */

import type { Clock } from '../clock/clock.ts';
import { Samples } from './samples.ts';
import type { TextTable } from './state-signal.ts';

export interface TraceEvent {
  /** ns at which it ended, which is when it was recorded */
  time: number;
  /** ns at which it began; `time` if it took no time */
  start: number;
  name: string;
  /** a bus address, an exit code …; NaN if none was given */
  value: number;
  text: string;
  data: Uint8Array;
}

export interface EventDetails {
  start?: number;
  value?: number;
  text?: string;
  data?: Uint8Array;
}

export class EventStream {
  readonly kind = 'events';
  private readonly starts: Samples<Float64Array>;
  private readonly valueColumn: Samples<Float64Array>;
  /** name, text, where its data begin, how many they are */
  private readonly references: Samples<Uint32Array>[];
  private arena = new Uint8Array(0);
  private arenaUsed = 0;

  constructor(
    readonly name: string,
    private readonly clock: Clock,
    private readonly texts: TextTable,
    limit?: number,
  ) {
    this.starts = new Samples(Float64Array, limit);
    this.valueColumn = new Samples(Float64Array, limit);
    this.references = Array.from({ length: 4 }, () => new Samples(Uint32Array, limit));
  }

  /** Whether anything was ever recorded. */
  get used(): boolean {
    return this.starts.end > 0;
  }

  /** How many events were lost to the limit. */
  get dropped(): number {
    return this.starts.dropped;
  }

  /** How many events were recorded. */
  get count(): number {
    return this.starts.end;
  }

  /** Records an event that ends now. */
  record(name: string, details?: EventDetails): void {
    const time = this.clock.now;
    const [names, texts, offsets, lengths] = this.references;
    this.starts.push(time, details?.start ?? time);
    this.valueColumn.push(time, details?.value ?? NaN);
    names.push(time, this.texts.numberOf(name));
    texts.push(time, details?.text === undefined ? 0 : this.texts.numberOf(details.text));
    const data = details?.data;
    offsets.push(time, this.arenaUsed);
    lengths.push(time, data?.length ?? 0);
    if (data !== undefined) this.store(data);
  }

  /** Calls `visit` for each event that ended in `from` < time <= `to`, in order; a visit that returns false is the last. */
  forEach(from: number, to: number, visit: (event: TraceEvent) => boolean | void): void {
    const { starts } = this;
    for (let number = Math.max(starts.lastAtOrBefore(from) + 1, starts.first); number < starts.end; number++) {
      if (starts.time(number) > to) return;
      if (visit(this.eventOf(number)) === false) return;
    }
  }

  /** The events that ended in `from` < time <= `to`, of one name if given; `from` is -1 unless given. */
  events(from = -1, to = this.clock.now, name?: string): TraceEvent[] {
    const events: TraceEvent[] = [];
    this.forEach(from, to, event => {
      if (name === undefined || event.name === name) events.push(event);
    });
    return events;
  }

  private eventOf(number: number): TraceEvent {
    const [names, texts, offsets, lengths] = this.references;
    const begin = offsets.value(number);
    return {
      time: this.starts.time(number),
      start: this.starts.value(number),
      name: this.texts.textOf(names.value(number)),
      value: this.valueColumn.value(number),
      text: this.texts.textOf(texts.value(number)),
      data: this.arena.slice(begin, begin + lengths.value(number)),
    };
  }

  private store(data: Uint8Array): void {
    const end = this.arenaUsed + data.length;
    if (end > this.arena.length) {
      const larger = new Uint8Array(Math.max(end, this.arena.length * 2, 256));
      larger.set(this.arena.subarray(0, this.arenaUsed));
      this.arena = larger;
    }
    this.arena.set(data, this.arenaUsed);
    this.arenaUsed = end;
  }
}

/**
 * A trace as JSON Lines: one object a line, first the header, then everything that was recorded, ascending in time.
 *
 * Every line has `t`, ns since power-on, and `channel`; then, by kind: `level` (as in `LEVEL_NAMES`), `value` and `unit`,
 * `state`, `byte` (and `flags`), or `event` with whatever it has of `start`, `value`, `text` and `data` (hexadecimal).
 */

import { ByteFlag } from './byte-stream.ts';
import type { TraceEvent } from './event-stream.ts';
import { LEVEL_NAMES } from './level.ts';
import type { Trace } from './trace.ts';

export interface JsonLinesOptions {
  /** ns; only what happened at or after it, 0 unless given */
  from?: number;
  /** ns; only what happened up to it, now unless given */
  to?: number;
  /** names or aliases of channels; all unless given */
  channels?: string[];
  /** how many lines to write at most, 20 million unless given */
  limit?: number;
}

/** The format's version, in the header line. */
export const JSON_LINES_VERSION = 1;

/** @throws RangeError if the window holds more than the limit, or names a channel that is not there */
export function toJsonLines(trace: Trace, options: JsonLinesOptions = {}): string {
  const { from = 0, to = trace.clock.now, limit = 20_000_000 } = options;
  const entries: { time: number; fields: object }[] = [];
  const add = (time: number, channel: string, fields: object) => {
    if (entries.length >= limit) {
      throw new RangeError(`more than ${limit} entries between ${from} ns and ${to} ns: choose a shorter window or fewer channels`);
    }
    entries.push({ time, fields: { t: time, channel, ...fields } });
  };
  const chosen = options.channels?.map(name => trace.find(name) ?? fail(name)) ?? trace.channels;
  for (const channel of chosen) {
    const { name } = channel;
    switch (channel.kind) {
      case 'digital':
        channel.forEachChange(from - 1, to, (time, level) => add(time, name, { level: LEVEL_NAMES[level] }));
        break;
      case 'analog':
        channel.forEachChange(from - 1, to, (time, value) => add(time, name, { value, unit: channel.unit }));
        break;
      case 'state':
        channel.forEachChange(from - 1, to, (time, state) => add(time, name, { state }));
        break;
      case 'bytes':
        channel.forEach(from - 1, to, (time, byte, flags) => add(time, name, flags === 0 ? { byte } : { byte, flags: flagNames(flags) }));
        break;
      case 'events':
        channel.forEach(from - 1, to, event => add(event.time, name, eventFields(event)));
    }
  }
  entries.sort((a, b) => a.time - b.time);
  const header = JSON.stringify({ format: 'boardspec trace', version: JSON_LINES_VERSION, unit: 'ns', from, to });
  return header + '\n' + entries.map(entry => JSON.stringify(entry.fields) + '\n').join('');
}

function eventFields(event: TraceEvent): object {
  return {
    event: event.name,
    ...(event.start === event.time ? {} : { start: event.start }),
    ...(Number.isNaN(event.value) ? {} : { value: event.value }),
    ...(event.text === '' ? {} : { text: event.text }),
    ...(event.data.length === 0 ? {} : { data: hexOf(event.data) }),
  };
}

function flagNames(flags: number): string[] {
  return Object.entries(ByteFlag).flatMap(([name, bit]) => (flags & bit ? [name.toLowerCase().replace('_', ' ')] : []));
}

function hexOf(data: Uint8Array): string {
  return Array.from(data, byte => byte.toString(16).padStart(2, '0')).join('');
}

function fail(name: string): never {
  throw new RangeError(`no channel "${name}" was recorded`);
}

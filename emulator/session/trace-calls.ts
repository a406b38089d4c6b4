/** The handle's calls on traces: the recorder's channels, told as events in the order of their time. */
import type { ByteStream } from '../trace/byte-stream.ts';
import type { DigitalSignal } from '../trace/digital-signal.ts';
import type { EventStream, TraceEvent as RecordedEvent } from '../trace/event-stream.ts';
import { toJsonLines } from '../trace/json-lines.ts';
import { bitOf, type Level } from '../trace/level.ts';
import type { StateSignal } from '../trace/state-signal.ts';
import { toVcd } from '../trace/vcd.ts';
import type { Bench } from './bench.ts';
import { SessionError } from './error.ts';
import type { BootPhase, BusTraffic, NetLevel, TraceEvent, TraceFilter } from './handle.ts';

/** Bytes that follow each other without a pause of this length (ns) are told as one piece. */
const PAUSE = 2_000_000;

type Add = (event: TraceEvent) => void;

export function traceCalls(bench: Bench): Record<string, (...args: never[]) => unknown> {
  return {
    'trace.events': (filter: TraceFilter = {}) => traceEvents(bench, filter),
    'trace.levels': (at: number, nets?: readonly string[]) => levels(bench, at, nets),
    'trace.vcd': (options: { from?: number; to?: number; nets?: readonly string[] } = {}) =>
      checked(bench, () =>
        toVcd(bench.trace, { from: options.from, to: options.to, ...(options.nets === undefined ? {} : { channels: [...options.nets] }) }),
      ),
    'trace.jsonLines': (filter: TraceFilter = {}) =>
      checked(bench, () =>
        toJsonLines(bench.trace, {
          from: filter.from,
          to: filter.to,
          ...(filter.names === undefined ? {} : { channels: [...filter.names] }),
        }),
      ),
    'trace.mark': (text: string) => bench.trace.mark(text),
  };
}

function checked<T>(bench: Bench, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new SessionError('bad-value', (error as Error).message, [], bench.now);
  }
}

function levels(bench: Bench, at: number, nets?: readonly string[]): Record<string, NetLevel> {
  const wanted = nets === undefined ? bench.trace.channels : nets.flatMap(name => bench.trace.find(name) ?? []);
  const signals = wanted.filter(channel => channel.kind === 'digital') as DigitalSignal[];
  return Object.fromEntries(signals.map(signal => [signal.name, netLevel(signal.levelAt(at))]));
}

export function netLevel(level: Level): NetLevel {
  const strength = level >> 1;
  return strength === 2 ? 'z' : strength === 3 ? 'x' : bitOf(level);
}

export function traceEvents(bench: Bench, filter: TraceFilter): TraceEvent[] {
  const { kinds, names, from = 0, to = bench.now, last } = filter;
  const board = [...bench.boards.keys()][0] ?? '';
  if (filter.board !== undefined && filter.board !== board) return [];
  const found: TraceEvent[] = [];
  const add: Add = event => {
    if (names !== undefined && 'name' in event && !names.includes(event.name)) return;
    found.push(event);
  };
  const wants = (kind: TraceEvent['kind']): boolean => kinds === undefined || kinds.includes(kind);
  const leds = new Set([...bench.boards.values()].flatMap(({ description }) => description.leds.map(({ name }) => name)));
  for (const channel of bench.trace.channels) {
    switch (channel.kind) {
      case 'digital':
        if (wants('net') && (names === undefined || names.includes(channel.name))) addLevels(channel, board, from, to, last, add);
        break;
      case 'analog':
        if (wants('analog')) {
          const name = channel.name.replace(/\.voltage$/, '');
          channel.forEachChange(from - 1, to, (t, volts) => add({ t, board, kind: 'analog', name, volts }));
        }
        break;
      case 'state':
        if (leds.has(channel.name) && wants('led')) addLamp(channel, board, from, to, add);
        break;
      case 'bytes':
        addBytes(channel, board, from, to, wants, add);
        break;
      case 'events':
        addEvents(channel, board, from, to, wants, add);
    }
  }
  if (wants('bus')) for (const name of spiNames(bench)) addSpi(bench, name, board, from, to, add);
  found.sort((a, b) => a.t - b.t);
  return last === undefined || found.length <= last ? found : found.slice(-last);
}

/** With `last`, a signal that never rests is cut off early: what comes later counts. */
function addLevels(signal: DigitalSignal, board: string, from: number, to: number, last: number | undefined, add: Add): void {
  let list: TraceEvent[] = [];
  signal.forEachChange(from - 1, to, (t, level) => {
    list.push({ t, board, kind: 'net', name: signal.name, level: netLevel(level) });
    if (last !== undefined && list.length >= 2 * last) list = list.slice(-last);
  });
  for (const event of list) add(event);
}

/** An LED's state as its model notes it: off, on, or its share of time in percent. */
function addLamp(signal: StateSignal, board: string, from: number, to: number, add: Add): void {
  const intensity = (state: string): number =>
    state === 'on' ? 255 : state === 'off' || state === '' ? 0 : Math.round(Number.parseInt(state, 10) * 2.55);
  signal.forEachChange(from - 1, to, (t, state) => add({ t, board, kind: 'led', name: signal.name, intensity: intensity(state) }));
}

interface Piece {
  readonly t: number;
  end: number;
  readonly bytes: number[];
  flags: number;
}

/** The bytes of a stream in pieces between pauses. A byte is recorded when it is over. */
function pieces(stream: ByteStream, from: number, to: number): Piece[] {
  const found: Piece[] = [];
  stream.forEach(from - 1, to, (time, byte, flags) => {
    const last = found.at(-1);
    if (last !== undefined && time - last.end <= PAUSE) {
      last.end = time;
      last.bytes.push(byte);
      last.flags |= flags;
    } else {
      found.push({ t: time, end: time, bytes: [byte], flags });
    }
  });
  return found;
}

function addBytes(
  stream: ByteStream,
  board: string,
  from: number,
  to: number,
  wants: (kind: TraceEvent['kind']) => boolean,
  add: Add,
): void {
  const console = /^(?:.*\.)?(usb|stderr)\.(tx|rx)$/.exec(stream.name);
  if (console !== null) {
    if (!wants('serial')) return;
    const direction = console[2] === 'tx' ? 'from-board' : 'to-board';
    for (const { t, bytes } of pieces(stream, from, to))
      add({ t, board, kind: 'serial', name: console[1], direction, bytes: Uint8Array.from(bytes) });
    return;
  }
  const uart = /^uart(\d+)\.(tx|rx)$/.exec(stream.name);
  if (uart === null || !wants('bus')) return;
  for (const { t, end, bytes, flags } of pieces(stream, from, to)) {
    const error = flags & 0x1_0000 ? 'parity' : flags & 0x2_0000 ? 'framing' : flags & 0x4_0000 ? 'overrun' : undefined;
    const traffic: BusTraffic = {
      protocol: 'uart',
      direction: uart[2] as 'tx' | 'rx',
      data: Uint8Array.from(bytes),
      ...(error === undefined ? {} : { error }),
    };
    add({ t, board, kind: 'bus', name: `UART(${uart[1]})`, end, traffic });
  }
}

function spiNames(bench: Bench): string[] {
  return bench.trace.channels.flatMap(({ kind, name }) => (kind === 'bytes' && /^spi\d+\.mosi$/.test(name) ? [name.slice(0, -5)] : []));
}

/** Both directions of an SPI bus as one piece of traffic. */
function addSpi(bench: Bench, name: string, board: string, from: number, to: number, add: Add): void {
  const stream = (line: string): Piece[] => {
    const channel = bench.trace.find(`${name}.${line}`);
    return channel?.kind === 'bytes' ? pieces(channel, from, to) : [];
  };
  const ins = stream('miso');
  const outs = stream('mosi');
  const starts = [...new Set([...outs, ...ins].map(({ t }) => t))].sort((a, b) => a - b);
  for (const t of starts) {
    const out = outs.find(piece => piece.t === t);
    const into = ins.find(piece => piece.t === t);
    const traffic: BusTraffic = { protocol: 'spi', out: Uint8Array.from(out?.bytes ?? []), in: Uint8Array.from(into?.bytes ?? []) };
    add({ t, board, kind: 'bus', name: `SPI(${name.slice(3)})`, end: Math.max(out?.end ?? t, into?.end ?? t), traffic });
  }
}

function addEvents(
  stream: EventStream,
  board: string,
  from: number,
  to: number,
  wants: (kind: TraceEvent['kind']) => boolean,
  add: Add,
): void {
  const i2c = /^i2c(\d+)$/.exec(stream.name);
  if (i2c !== null) {
    if (wants('bus')) addI2c(stream, `I2C(${i2c[1]})`, board, from, to, add);
    return;
  }
  stream.forEach(from - 1, to, event => {
    const told = eventOf(stream.name, event, board);
    if (told !== undefined && wants(told.kind)) add(told);
  });
}

function eventOf(stream: string, event: RecordedEvent, board: string): TraceEvent | undefined {
  const t = event.start;
  switch (stream) {
    case 'phases':
      return { t, board, kind: 'phase', phase: event.name as BootPhase };
    case 'script':
      return { t: event.time, board, kind: 'script', name: event.text, edge: event.name === 'start' ? 'start' : 'end' };
    case 'nets':
      return event.name === 'contention' ? { t, board, kind: 'contention', name: event.text, drivers: event.text.split(' ') } : undefined;
    case 'faults':
      return { t, board, kind: 'fault', name: event.text, detail: event.name };
    case 'markers':
      return { t, board: '', kind: 'mark', text: event.text };
    case 'exceptions':
      return { t, board, kind: 'exception', name: event.name, message: '', traceback: event.text };
    default:
      return undefined;
  }
}

/** A message is recorded at its end; what was not acknowledged in it was recorded before. */
function addI2c(stream: EventStream, name: string, board: string, from: number, to: number, add: Add): void {
  const refused: RecordedEvent[] = [];
  stream.forEach(from - 1, to, event => {
    if (event.name === 'nack') {
      refused.push(event);
      return;
    }
    const nack = refused.find(({ time }) => time >= event.start && time <= event.time);
    const addressRefused = nack !== undefined && event.data.length === 0;
    const acks = [!addressRefused, ...[...event.data].map((_, index) => nack === undefined || index < event.data.length - 1)];
    const traffic: BusTraffic = { protocol: 'i2c', address: event.value, read: event.name === 'read', data: event.data, acks, stop: true };
    add({ t: event.start, board, kind: 'bus', name, end: event.time, traffic });
  });
}

/** The bench's trace as the host asks for it: events of all channels in the order of their time. */

import { ByteFlag, type ByteStream } from '../trace/byte-stream.ts';
import type { EventStream } from '../trace/event-stream.ts';
import { toJsonLines } from '../trace/json-lines.ts';
import type { Trace } from '../trace/trace.ts';
import { toVcd } from '../trace/vcd.ts';
import type { BootPhase, BusTraffic, NetLevel, TraceEvent, TraceFilter } from './handle.ts';

/** Levels by code, as the host sees them. */
const NET_LEVELS: readonly NetLevel[] = [0, 1, 0, 1, 'z', 'z', 'x', 'x'];

export class TraceView {
  constructor(
    private readonly trace: Trace,
    private readonly boards: () => readonly string[],
    /** The LEDs that the trace has under their pins' names: pin → colour and the bit that lights it. */
    private readonly leds: ReadonlyMap<string, { color: string; lit: number }>,
  ) {}

  events(filter: TraceFilter = {}): TraceEvent[] {
    const from = filter.from ?? 0;
    const to = filter.to ?? this.trace.clock.now;
    const board = this.boards()[0] ?? '';
    const found: TraceEvent[] = [];
    const kinds = filter.kinds === undefined ? undefined : new Set(filter.kinds);
    const names = filter.names === undefined ? undefined : new Set(filter.names.map(name => this.trace.find(name)?.name ?? name));
    const wants = (kind: TraceEvent['kind'], name: string) =>
      (kinds === undefined || kinds.has(kind)) && (names === undefined || names.has(name));
    const add = (event: TraceEvent) => found.push(event);
    // Changes at `from` itself count, and the recorder's windows begin after their first instant.
    const after = from - 1;
    for (const channel of this.trace.channels) {
      const { name } = channel;
      switch (channel.kind) {
        case 'digital': {
          const led = this.leds.get(name);
          if (led !== undefined && wants('led', led.color)) {
            let last = -1;
            channel.forEachChange(after, to, (t, level) => {
              // Only an output lights it: Level.LOW is 0 and Level.HIGH 1, pulled levels are others.
              const intensity = level === led.lit ? 255 : 0;
              if (intensity !== last) add({ kind: 'led', t, board, name: led.color, intensity });
              last = intensity;
            });
          }
          if (!wants('net', name)) break;
          channel.forEachChange(after, to, (t, level) => void add({ kind: 'net', t, board, name, level: NET_LEVELS[level] }));
          break;
        }
        case 'analog':
          if (wants('analog', name)) channel.forEachChange(after, to, (t, volts) => void add({ kind: 'analog', t, board, name, volts }));
          break;
        case 'bytes': {
          const bus = uartOf(name);
          if (bus !== undefined) {
            if (wants('bus', bus.name)) for (const piece of pieces(channel, after, to)) add(uartEvent(bus, piece, board));
            break;
          }
          const [port, way] = splitPort(name);
          if (way === undefined || !wants('serial', port)) break;
          const direction = way === 'tx' ? 'from-board' : 'to-board';
          let chunk: { t: number; bytes: number[] } | undefined;
          const flush = () => {
            if (chunk !== undefined) add({ kind: 'serial', t: chunk.t, board, name: port, direction, bytes: Uint8Array.from(chunk.bytes) });
            chunk = undefined;
          };
          channel.forEach(after, to, (t, byte) => {
            if (chunk !== undefined && chunk.t !== t) flush();
            chunk ??= { t, bytes: [] };
            chunk.bytes.push(byte);
          });
          flush();
          break;
        }
        case 'events':
          if (/^i2c\d+$/.test(name)) {
            if (wants('bus', busName(name))) for (const event of i2cEvents(channel, after, to, board)) add(event);
            break;
          }
          for (const event of channel.events(after, to)) {
            const mapped = this.mapEvent(name, event, board);
            if (mapped !== undefined && wants(mapped.kind, 'name' in mapped ? mapped.name : name)) add(mapped);
          }
          break;
      }
    }
    for (const { name } of this.trace.channels) {
      const bus = /^(spi\d+)\.mosi$/.exec(name)?.[1];
      if (bus !== undefined && wants('bus', busName(bus))) for (const event of this.spiEvents(bus, after, to, board)) add(event);
    }
    found.sort((a, b) => a.t - b.t);
    return filter.last === undefined ? found : found.slice(-filter.last);
  }

  /** Both directions of an SPI bus as one piece of traffic. */
  private spiEvents(bus: string, after: number, to: number, board: string): TraceEvent[] {
    const [outs, ins] = ['mosi', 'miso'].map(line => {
      const channel = this.trace.find(`${bus}.${line}`);
      return channel?.kind === 'bytes' ? pieces(channel, after, to) : [];
    });
    const starts = [...new Set([...outs, ...ins].map(({ t }) => t))].sort((a, b) => a - b);
    return starts.map(t => {
      const out = outs.find(piece => piece.t === t);
      const into = ins.find(piece => piece.t === t);
      const traffic: BusTraffic = { protocol: 'spi', out: Uint8Array.from(out?.bytes ?? []), in: Uint8Array.from(into?.bytes ?? []) };
      return { kind: 'bus', t, board, name: busName(bus), end: Math.max(out?.end ?? t, into?.end ?? t), traffic };
    });
  }

  private mapEvent(
    channel: string,
    event: { time: number; start: number; name: string; value: number; text: string; data: Uint8Array },
    board: string,
  ): TraceEvent | undefined {
    const { time: t, name, text, value } = event;
    switch (channel) {
      case 'nets':
        return name === 'contention' ? { kind: 'contention', t, board, name: text, drivers: [] } : undefined;
      case 'phases':
        return { kind: 'phase', t, board, phase: name as BootPhase };
      case 'script':
        return { kind: 'script', t, board, name: text, edge: name === 'start' ? 'start' : 'end' };
      case 'exception': {
        const newline = text.indexOf('\n');
        return {
          kind: 'exception',
          t,
          board,
          name,
          message: newline < 0 ? text : text.slice(0, newline),
          traceback: newline < 0 ? '' : text.slice(newline + 1),
        };
      }
      case 'reset':
        return { kind: 'reset', t, board, cause: name };
      case 'power':
        return { kind: 'power', t, board, on: name === 'on' };
      case 'switch':
        return { kind: 'switch', t, board, name, pressed: text === 'pressed' };
      case 'medium':
        return { kind: 'medium', t, board, name: text as 'flash' | 'sd', what: name as 'mounted' };
      case 'usb':
        if (name !== 'report' && name !== 'output-report') return undefined;
        return { kind: 'hid', t, board, direction: name === 'report' ? 'from-board' : 'to-board', bytes: event.data, text };
      case 'faults':
        return { kind: 'fault', t, board, name, detail: Number.isNaN(value) ? text : `${text}: ${value}` };
      case 'markers':
        return { kind: 'mark', t, board, text, ...(Number.isNaN(value) ? {} : { ok: value === 1 }) };
      case 'parts':
        return { kind: 'part', t, board, name, what: 'control', quantity: text, value };
      default:
        return this.busEvent(channel, event, board);
    }
  }

  /** Bus traffic that a peripheral's model has recorded in a channel of its own name (`i2c1`, `spi2`, `uart4`). */
  private busEvent(
    channel: string,
    event: { time: number; start: number; name: string; value: number; text: string; data: Uint8Array },
    board: string,
  ): TraceEvent | undefined {
    const protocol = /^(spi|uart|usart|can)/i.exec(channel)?.[1].toLowerCase();
    if (protocol === undefined) return undefined;
    const data = event.data;
    let traffic: BusTraffic;
    if (protocol === 'spi') {
      const half = data.length >> 1;
      traffic = { protocol: 'spi', out: data.subarray(0, half), in: data.subarray(half) };
    } else if (protocol === 'can') {
      traffic = {
        protocol: 'can',
        id: event.value,
        extended: event.value > 0x7ff,
        remote: false,
        data,
        acknowledged: event.name === 'frame',
        direction: 'tx',
      };
    } else traffic = { protocol: 'uart', direction: event.name === 'rx' ? 'rx' : 'tx', data };
    return { kind: 'bus', t: event.start, board, name: busName(channel), end: event.time, traffic };
  }

  levels(at: number, nets?: readonly string[]): Record<string, NetLevel> {
    const levels: Record<string, NetLevel> = {};
    for (const channel of this.trace.channels) {
      if (channel.kind !== 'digital') continue;
      if (nets !== undefined && !nets.some(name => this.trace.find(name) === channel)) continue;
      if (nets === undefined && channel.nextEdge(-1) === undefined) continue;
      levels[channel.name] = NET_LEVELS[channel.levelAt(at)];
    }
    return levels;
  }

  vcd(options: { from?: number; to?: number; nets?: readonly string[] } = {}): string {
    return toVcd(this.trace, { from: options.from, to: options.to, channels: options.nets === undefined ? undefined : [...options.nets] });
  }

  jsonLines(filter: TraceFilter = {}): string {
    return toJsonLines(this.trace, { from: filter.from, to: filter.to });
  }

  mark(text: string, ok?: boolean): void {
    this.trace.events('markers').record('marker', { text, value: ok === undefined ? undefined : ok ? 1 : 0 });
  }
}

/** `usb.tx` → `usb`, `tx`. */
function splitPort(channel: string): [string, 'tx' | 'rx' | undefined] {
  const match = /^(.*)\.(tx|rx)$/.exec(channel);
  return match === null ? [channel, undefined] : [match[1], match[2] as 'tx' | 'rx'];
}

/** How a board's documentation calls a bus: `i2c1` is `I2C(1)`. */
function busName(channel: string): string {
  const match = /^([a-z]+[a-z0-9]*?)(\d+)$/.exec(channel);
  return match === null ? channel : `${match[1].toUpperCase()}(${match[2]})`;
}

function uartOf(channel: string): { name: string; direction: 'tx' | 'rx' } | undefined {
  const match = /^(uart\d+)\.(tx|rx)$/.exec(channel);
  return match === null ? undefined : { name: busName(match[1]), direction: match[2] as 'tx' | 'rx' };
}

/** Bytes that follow each other without a pause of this length (ns) are told as one piece. */
const PAUSE = 2_000_000;

interface Piece {
  readonly t: number;
  end: number;
  readonly bytes: number[];
  flags: number;
}

/** The bytes of a stream in pieces between pauses. A byte is recorded when it is over. */
function pieces(stream: ByteStream, after: number, to: number): Piece[] {
  const found: Piece[] = [];
  stream.forEach(after, to, (time, byte, flags) => {
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

function uartEvent(
  { name, direction }: { name: string; direction: 'tx' | 'rx' },
  { t, end, bytes, flags }: Piece,
  board: string,
): TraceEvent {
  const error =
    flags & ByteFlag.PARITY_ERROR
      ? 'parity'
      : flags & ByteFlag.FRAMING_ERROR
        ? 'framing'
        : flags & ByteFlag.OVERRUN
          ? 'overrun'
          : undefined;
  const traffic: BusTraffic = { protocol: 'uart', direction, data: Uint8Array.from(bytes), ...(error === undefined ? {} : { error }) };
  return { kind: 'bus', t, board, name, end, traffic };
}

/** A message is recorded at its end; what was not acknowledged in it was recorded before. */
function i2cEvents(stream: EventStream, after: number, to: number, board: string): TraceEvent[] {
  const refused: number[] = [];
  const found: TraceEvent[] = [];
  stream.forEach(after, to, event => {
    if (event.name === 'nack') {
      refused.push(event.time);
      return;
    }
    if (event.name !== 'read' && event.name !== 'write') return;
    const nack = refused.some(time => time >= event.start && time <= event.time);
    const { length } = event.data;
    const acks = [!(nack && length === 0), ...Array.from({ length }, (_, index) => !nack || index < length - 1)];
    const traffic: BusTraffic = { protocol: 'i2c', address: event.value, read: event.name === 'read', data: event.data, acks, stop: true };
    found.push({ kind: 'bus', t: event.start, board, name: busName(stream.name), end: event.time, traffic });
  });
  return found;
}

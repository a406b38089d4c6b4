/**
 * A trace as a Value Change Dump (IEEE 1364-2005, section 18), which GTKWave, sigrok and PulseView read.
 *
 * Digital nets become wires (floating is z, contention x), voltages become reals. States, serial bytes and events become
 * GTKWave's string variables, in an escape that it undoes; sigrok skips those. Times are in ns. No date is written: the
 * same trace gives the same bytes.
 */

import { bitOf, type Level } from './level.ts';
import type { Channel, Trace } from './trace.ts';

export interface VcdOptions {
  /** ns; the first instant in the file, 0 unless given */
  from?: number;
  /** ns; the last instant in the file, now unless given */
  to?: number;
  /** names or aliases of the channels to write, in this order; all that were ever recorded unless given */
  channels?: string[];
  /** `logic`: only digital nets and voltages, for readers that know nothing else */
  content?: 'all' | 'logic';
  /** how many value changes to write at most, 20 million unless given */
  limit?: number;
}

interface Change {
  time: number;
  text: string;
}

/**
 * Writes the window of the trace as VCD.
 * @throws RangeError if the window holds more changes than the limit, or names a channel that is not there
 */
export function toVcd(trace: Trace, options: VcdOptions = {}): string {
  const { from = 0, to = trace.clock.now, limit = 20_000_000 } = options;
  const channels = chosenChannels(trace, options);
  const lines = ['$version boardspec $end', '$timescale 1 ns $end', '$scope module board $end'];
  for (const [index, channel] of channels.entries()) lines.push(declaration(channel, identifierOf(index)));
  lines.push('$upscope $end', '$enddefinitions $end', `#${from}`, '$dumpvars');
  const changes: Change[] = [];
  const add = (time: number, text: string) => {
    if (changes.length >= limit) {
      throw new RangeError(`more than ${limit} value changes between ${from} ns and ${to} ns: choose a shorter window or fewer channels`);
    }
    changes.push({ time, text });
  };
  channels.forEach((channel, index) => {
    const id = identifierOf(index);
    switch (channel.kind) {
      case 'digital':
        lines.push(vcdBit(channel.levelAt(from)) + id);
        channel.forEachChange(from, to, (time, level) => add(time, vcdBit(level) + id));
        break;
      case 'analog':
        lines.push(`r${channel.valueAt(from)} ${id}`);
        channel.forEachChange(from, to, (time, value) => add(time, `r${value} ${id}`));
        break;
      case 'state':
        lines.push(`s${escaped(channel.stateAt(from))} ${id}`);
        channel.forEachChange(from, to, (time, state) => add(time, `s${escaped(state)} ${id}`));
        break;
      case 'bytes':
        lines.push(`s ${id}`);
        channel.forEach(from - 1, to, (time, byte) => add(time, `s${escaped(byteText(byte))} ${id}`));
        break;
      case 'events':
        lines.push(`s ${id}`);
        channel.forEach(from - 1, to, event => add(event.time, `s${escaped(event.name)} ${id}`));
    }
  });
  lines.push('$end');
  changes.sort((a, b) => a.time - b.time);
  let now = from;
  for (const change of changes) {
    if (change.time !== now) lines.push(`#${(now = change.time)}`);
    lines.push(change.text);
  }
  if (now !== to) lines.push(`#${to}`);
  return lines.join('\n') + '\n';
}

function chosenChannels(trace: Trace, { channels, content = 'all' }: VcdOptions): Channel[] {
  const chosen =
    channels?.map(name => {
      const channel = trace.find(name);
      if (channel === undefined) throw new RangeError(`no channel "${name}" was recorded`);
      return channel;
    }) ?? trace.channels.filter(channel => channel.used);
  return content === 'all' ? chosen : chosen.filter(channel => channel.kind === 'digital' || channel.kind === 'analog');
}

function declaration(channel: Channel, id: string): string {
  const name = channel.name.replace(/\s/g, '_');
  if (channel.kind === 'digital') return `$var wire 1 ${id} ${name} $end`;
  if (channel.kind === 'analog') return `$var real 64 ${id} ${name} $end`;
  return `$var string 1 ${id} ${name} $end`;
}

function vcdBit(level: Level): string {
  const strength = level >> 1;
  return strength === 2 ? 'z' : strength === 3 ? 'x' : bitOf(level) === 1 ? '1' : '0';
}

function byteText(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `0x${byte.toString(16).padStart(2, '0')}`;
}

/** GTKWave's escape: octal for what is no visible ASCII character, and for the backslash. */
function escaped(text: string): string {
  return text.replace(/[^!-[\]-~]/gu, char =>
    Array.from(new TextEncoder().encode(char), byte => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
  );
}

/** What an identifier may begin with: readers that skip strings must not take what follows for a value such as `1!` or `r1.5`. */
const FIRST = '!"%&\'()*+,./:;<=>?@ACDEFGIJKMNOPQSTVY[]^_`acdefgijkmnopqstvy{|}~';

/** The n-th short identifier of printable characters: !, ", … ~, !!, "! … */
function identifierOf(index: number): string {
  let id = FIRST[index % FIRST.length];
  for (let rest = Math.floor(index / FIRST.length); rest > 0; rest = Math.floor((rest - 1) / 94))
    id += String.fromCharCode(33 + ((rest - 1) % 94));
  return id;
}

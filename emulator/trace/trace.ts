/**
 * The one recorder of a board: every net, voltage, state, serial byte and event, with virtual timestamps. Assertions,
 * pictures, VCD files, transcripts and reports are all views of it.
 *
 * It is always on. A sample costs two stores into typed arrays; what repeats by rule (PWM, frames) is kept as a rule.
 * The same board, inputs and seed give the same content, and the same bytes in every export.
 */

import type { Clock } from '../clock/clock.ts';
import { AnalogSignal } from './analog-signal.ts';
import { ByteStream } from './byte-stream.ts';
import { DigitalSignal } from './digital-signal.ts';
import { EventStream } from './event-stream.ts';
import type { Level } from './level.ts';
import { StateSignal, TextTable } from './state-signal.ts';

export type Channel = DigitalSignal | AnalogSignal | StateSignal | ByteStream | EventStream;
type Kind = Channel['kind'];

/** A channel was asked for that is not there, or is of another kind. */
export class TraceChannelError extends Error {
  override readonly name = 'TraceChannelError';
}

export class Trace {
  private readonly channelsByName = new Map<string, Channel>();
  private aliasOf: ((name: string) => string | undefined) | undefined;
  private readonly texts = new TextTable();

  /** @param limit samples kept for each channel; a power of two */
  constructor(
    readonly clock: Clock,
    private readonly limit?: number,
  ) {}

  /**
   * From now on `aliasOf` tells what a channel is called that is asked for by another name (a pin's CPU name, or that of a pin that
   * nobody has touched yet, which is made by this), or undefined.
   */
  findAlsoBy(aliasOf: (name: string) => string | undefined): void {
    this.aliasOf = aliasOf;
  }

  /** All channels, in the order of their creation. */
  get channels(): Channel[] {
    return [...this.channelsByName.values()];
  }

  /** The digital signal of that name, made now if it is new. @throws TraceChannelError if the name is another kind's */
  digital(name: string, initial?: Level): DigitalSignal {
    return this.channel('digital', name, () => new DigitalSignal(name, this.clock, initial, this.limit));
  }

  /** The analogue signal of that name, made now if it is new. @throws TraceChannelError if the name is another kind's */
  analog(name: string, unit?: string, initial?: number): AnalogSignal {
    return this.channel('analog', name, () => new AnalogSignal(name, this.clock, unit, initial, this.limit));
  }

  /** The state of that name, made now if it is new. @throws TraceChannelError if the name is another kind's */
  state(name: string): StateSignal {
    return this.channel('state', name, () => new StateSignal(name, this.clock, this.texts, this.limit));
  }

  /** The serial bytes of that name, made now if they are new. @throws TraceChannelError if the name is another kind's */
  bytes(name: string): ByteStream {
    return this.channel('bytes', name, () => new ByteStream(name, this.clock, this.limit));
  }

  /** The events of that name, made now if they are new. @throws TraceChannelError if the name is another kind's */
  events(name: string): EventStream {
    return this.channel('events', name, () => new EventStream(name, this.clock, this.texts, this.limit));
  }

  /** Records a marker, which a spec or a person sets, in the channel `markers`. */
  mark(text: string): void {
    this.events('markers').record('marker', { text });
  }

  /** The channel of that name or alias, or undefined. */
  find(name: string): Channel | undefined {
    return this.channelsByName.get(name) ?? this.channelsByName.get(this.aliasOf?.(name) ?? '');
  }

  /** The digital signal of that name or alias. @throws TraceChannelError, naming those there are, if there is none */
  net(name: string): DigitalSignal {
    const channel = this.find(name);
    if (channel?.kind === 'digital') return channel;
    const known = this.channels.filter(other => other.kind === 'digital').map(other => other.name);
    throw new TraceChannelError(`no digital signal "${name}" was recorded; there are: ${known.join(', ') || 'none'}`);
  }

  private channel<C extends Channel>(kind: Kind, name: string, make: () => C): C {
    const known = this.channelsByName.get(name);
    if (known === undefined) {
      const made = make();
      this.channelsByName.set(name, made);
      return made;
    }
    if (known.kind !== kind) throw new TraceChannelError(`trace channel "${name}" is of kind ${known.kind}, not ${kind}`);
    return known as C;
  }
}

/**
 * Telnet framing (RFC 854, RFC 855), as far as RFC 2217 needs it: takes bytes apart into data, commands and sub-negotiations, across any
 * chunks, and answers each offer and request once.
 */

export const Telnet = { Se: 240, Sb: 250, Will: 251, Wont: 252, Do: 253, Dont: 254, Iac: 255 } as const;
export const TelnetOption = { Binary: 0, Echo: 1, SuppressGoAhead: 3, ComPort: 44 } as const;

/** Longest sub-negotiation that is kept; of a longer one the rest is dropped. */
const LONGEST = 1024;

enum State {
  Data,
  Command,
  Option,
  Sub,
  SubCommand,
}

export interface TelnetEvents {
  data(bytes: Uint8Array): void;
  /** `body` is without the option's number. */
  subnegotiation(option: number, body: readonly number[]): void;
  reply(bytes: Uint8Array): void;
}

export class TelnetParser {
  private state = State.Data;
  private command = 0;
  private readonly sub: number[] = [];
  /** Options that are on: ours (WILL) and the client's (DO). */
  private readonly ours = new Set<number>();
  private readonly theirs = new Set<number>();

  constructor(
    private readonly supported: ReadonlySet<number>,
    private readonly events: TelnetEvents,
  ) {}

  take(bytes: Uint8Array): void {
    const data: number[] = [];
    for (const byte of bytes) {
      switch (this.state) {
        case State.Data:
          if (byte === Telnet.Iac) this.state = State.Command;
          else data.push(byte);
          break;
        case State.Command:
          if (byte === Telnet.Iac) data.push(byte);
          this.command = byte;
          if (byte >= Telnet.Will && byte <= Telnet.Dont) this.state = State.Option;
          else if (byte === Telnet.Sb) {
            this.sub.length = 0;
            this.state = State.Sub;
          } else this.state = State.Data;
          break;
        case State.Option:
          this.negotiate(this.command, byte);
          this.state = State.Data;
          break;
        case State.Sub:
          if (byte === Telnet.Iac) this.state = State.SubCommand;
          else if (this.sub.length < LONGEST) this.sub.push(byte);
          break;
        case State.SubCommand:
          if (byte === Telnet.Iac) {
            if (this.sub.length < LONGEST) this.sub.push(byte);
            this.state = State.Sub;
          } else {
            this.state = State.Data;
            // Data that came before is handed on first: order matters to a serial line.
            if (data.length > 0) this.events.data(Uint8Array.from(data.splice(0)));
            if (byte === Telnet.Se && this.sub.length > 0) this.events.subnegotiation(this.sub[0], this.sub.slice(1));
          }
          break;
      }
    }
    if (data.length > 0) this.events.data(Uint8Array.from(data));
  }

  /** Asks for, and offers, what the protocol starts with. */
  offer(options: Iterable<number>): void {
    for (const option of options) {
      this.ours.add(option);
      this.events.reply(Uint8Array.of(Telnet.Iac, Telnet.Will, option));
    }
  }

  private negotiate(command: number, option: number): void {
    const wanted = command === Telnet.Will || command === Telnet.Do;
    const aboutUs = command === Telnet.Do || command === Telnet.Dont;
    const on = aboutUs ? this.ours : this.theirs;
    const accept = wanted && this.supported.has(option);
    // An answer to what is so already would be answered again, for ever.
    if (accept === on.has(option) && accept === wanted) return;
    if (accept) on.add(option);
    else on.delete(option);
    const answer = aboutUs ? (accept ? Telnet.Will : Telnet.Wont) : accept ? Telnet.Do : Telnet.Dont;
    this.events.reply(Uint8Array.of(Telnet.Iac, answer, option));
  }
}

/** Doubles the bytes that mean a command. */
export function escapeTelnet(data: Uint8Array): Uint8Array {
  if (!data.includes(Telnet.Iac)) return data;
  const out: number[] = [];
  for (const byte of data) {
    out.push(byte);
    if (byte === Telnet.Iac) out.push(byte);
  }
  return Uint8Array.from(out);
}

/** Something with a serial port: pins `tx` and `rx`, perhaps `rts` and `cts`; it keeps what it hears and says what it is told to. */

import { EIGHT_N_1, frameLength, frameWaveform, type SerialFormat, SerialReceiver } from '../peripherals/serial-frame.ts';
import { ByteFlag, type ByteStream } from '../trace/byte-stream.ts';
import { Part, type PartBench } from './part.ts';

export class SerialPeer extends Part {
  /** Called for each byte that it hears, after `echo`. */
  onByte?: (byte: number) => void;

  private readonly receiver: SerialReceiver;
  private readonly heard: ByteStream;
  private readonly said: ByteStream;
  private readonly received: number[] = [];
  private readonly queue: number[] = [];
  private readonly speed: { readonly value: number };
  private readonly drift: { readonly value: number };
  private readonly noise: { readonly value: number };
  private format: SerialFormat;
  private echo = false;
  private flow = false;
  private sending = false;
  private errors = 0;

  constructor(bench: PartBench, name: string, baud = 115_200, format: SerialFormat = EIGHT_N_1) {
    super(bench, name);
    this.format = format;
    this.heard = bench.trace.bytes(`${name}.rx`);
    this.said = bench.trace.bytes(`${name}.tx`);
    const tx = this.addPin('tx');
    const rx = this.addPin('rx');
    this.addPin('rts').setDrive(0);
    this.addPin('cts').observe(() => this.next());
    tx.setDrive(1);
    this.receiver = new SerialReceiver(bench.clock, 1e9 / baud, format);
    this.receiver.onFrame = frame => this.hear(frame.value, frame.parityError, frame.framingError);
    this.receiver.listen(rx);
    this.speed = this.addNumber('baud', { description: 'bits a second', unit: 'Bd', initial: baud, min: 50, max: 10_500_000 }, () =>
      this.retime(),
    );
    this.addControl('format', {
      description: 'data bits, parity, stop bits: 8N1, 7E2 …',
      type: 'text',
      get: () => `${this.format.dataBits}${this.format.parity[0].toUpperCase()}${this.format.stopBits}`,
      set: value => this.setFormat(value as string),
    });
    this.addControl('echo', {
      description: 'whether it says what it hears',
      type: 'boolean',
      get: () => this.echo,
      set: value => {
        this.echo = value as boolean;
      },
    });
    this.addControl('flow-control', {
      description: 'whether it waits for its cts',
      type: 'boolean',
      get: () => this.flow,
      set: value => {
        this.flow = value as boolean;
      },
    });
    this.addControl('ready', {
      description: 'whether its rts is low: it can take more',
      type: 'boolean',
      get: () => this.pin('rts').bit === 0,
      set: value => this.pin('rts').setDrive(value ? 0 : 1),
    });
    this.addControl('send', {
      description: 'bytes that it says',
      type: 'bytes',
      get: () => Uint8Array.from(this.queue),
      set: value => this.send(value as Uint8Array),
    });
    this.addReading('received', {
      description: 'what it has heard since that was read',
      read: () => Uint8Array.from(this.received.splice(0)),
    });
    this.addReading('errors', { description: 'frames with a wrong parity or stop bit', read: () => this.errors });
    this.addFlagFault('silent', 'it says nothing');
    this.noise = this.addAmountFault('noise', 'a bit of what it says is now and then wrong', 'share of bytes, 0 to 1');
    this.drift = this.addAmountFault('drift', 'it is too fast', '% of its speed', () => this.retime());
  }

  /** Says bytes, one after the other. */
  send(bytes: Uint8Array | readonly number[]): void {
    this.queue.push(...bytes);
    this.next();
  }

  /** What it has heard and nobody has taken yet; takes it. */
  take(): Uint8Array {
    return Uint8Array.from(this.received.splice(0));
  }

  private get bitTime(): number {
    return 1e9 / (this.speed.value * (1 + this.drift.value / 100));
  }

  private retime(): void {
    this.receiver.bitTime = this.bitTime;
  }

  private setFormat(text: string): void {
    const match = /^([5-9])([NEO])(1|1\.5|2)$/.exec(text);
    if (match === null) throw new RangeError(`${this.name}: "${text}" is no serial format such as 8N1`);
    const parity = ({ N: 'none', E: 'even', O: 'odd' } as const)[match[2] as 'N' | 'E' | 'O'];
    this.format = { dataBits: Number(match[1]), parity, stopBits: Number(match[3]) as 1 | 1.5 | 2 };
    this.receiver.format = this.format;
  }

  private hear(byte: number, parityError: boolean, framingError: boolean): void {
    if (parityError || framingError) this.errors++;
    this.heard.record(byte, (parityError ? ByteFlag.PARITY_ERROR : 0) | (framingError ? ByteFlag.FRAMING_ERROR : 0));
    this.received.push(byte);
    if (this.echo) this.send([byte]);
    this.onByte?.(byte);
  }

  private next(): void {
    if (this.sending || this.queue.length === 0) return;
    if (this.flow && this.pin('cts').bit === 1) return;
    let byte = this.queue.shift()!;
    if (this.isFaulty('silent')) {
      this.queue.length = 0;
      return;
    }
    if (this.noise.value > 0 && this.random.fraction() < this.noise.value) byte ^= 1 << this.random.between(0, this.format.dataBits - 1);
    this.sending = true;
    this.pin('tx').play(frameWaveform(byte, this.format, this.clock.now, this.bitTime));
    this.clock.after(Math.ceil(frameLength(this.format) * this.bitTime), () => {
      this.said.record(byte);
      this.sending = false;
      this.pin('tx').setDrive(1);
      this.next();
    });
  }
}

/**
 * The board's end of a serial port that the REPL may use: a receive buffer that the host fills at the pace of the link, and
 * output that goes to the trace and to whoever listens. What the buffer cannot hold waits with the host, as USB makes it wait.
 */
import type { Clock } from '../clock/clock.ts';
import type { ByteStream } from '../trace/byte-stream.ts';

/** Bytes the virtual serial port takes in before it makes the host wait (USBD_CDC_RX_DATA_SIZE). */
const RECEIVE_BUFFER = 1024;
/** A full-speed USB packet, and the time between two of them. */
const PACKET = 64;
const PACKET_TIME = 50_000;

export class ConsolePort {
  /** Everything that was sent since power-on of the bench, newest part kept. */
  private readonly chunks: Uint8Array[] = [];
  private kept = 0;
  /** Count of all bytes ever sent. */
  sent = 0;
  /** A terminal is attached (DTR). Without one, output is dropped. */
  connected = true;
  private readonly listeners = new Set<(bytes: Uint8Array) => void>();
  private readonly buffer: number[] = [];
  private bufferStart = 0;
  private waiting: Uint8Array[] = [];
  private waitingStart = 0;
  private transferring = false;

  /** Called when bytes have arrived that the firmware keeps. */
  onReceived: (() => void) | undefined;

  constructor(
    readonly name: string,
    private readonly clock: Clock,
    private readonly output: ByteStream,
    private readonly input: ByteStream,
    /** Asked for each byte that arrives; true takes it away (the interrupt character). */
    private readonly intercept: (byte: number) => boolean = () => false,
    /** Bytes of output that `since` can give back. */
    private readonly keep = 8 << 20,
  ) {}

  // The board's side

  /** Takes a received byte; -1 when there is none. */
  read(): number {
    if (this.bufferStart === this.buffer.length) return -1;
    const byte = this.buffer[this.bufferStart++];
    if (this.bufferStart === this.buffer.length) this.buffer.length = this.bufferStart = 0;
    this.transfer();
    return byte;
  }

  get available(): number {
    return this.buffer.length - this.bufferStart;
  }

  write(bytes: Uint8Array): void {
    if (!this.connected || bytes.length === 0) return;
    const copy = bytes.slice();
    this.output.recordAll(copy);
    this.chunks.push(copy);
    this.sent += copy.length;
    this.kept += copy.length;
    while (this.kept > this.keep && this.chunks.length > 1) this.kept -= this.chunks.shift()!.length;
    for (const listener of this.listeners) listener(copy);
  }

  /** What the board loses at a reset: everything that waits in its buffer. */
  reset(): void {
    this.buffer.length = this.bufferStart = 0;
    this.onReceived = undefined;
  }

  /** The byte that `read` would take; -1 when there is none. */
  peek(): number {
    return this.bufferStart === this.buffer.length ? -1 : this.buffer[this.bufferStart];
  }

  // The host's side

  send(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.waiting.push(bytes.slice());
    this.transfer();
  }

  private endSent = false;

  /** Nothing more will be sent. */
  end(): void {
    this.endSent = true;
    // Whoever waits for input wakes up to see that there is no more.
    this.clock.after(PACKET_TIME, () => {});
  }

  /** The host has said that nothing more comes, and everything was read. */
  get atEnd(): boolean {
    return this.endSent && this.drained;
  }

  /** Nothing that was sent is still on its way or unread. */
  get drained(): boolean {
    return this.waiting.length === 0 && this.available === 0;
  }

  onOutput(listener: (bytes: Uint8Array) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The output from byte `from` on (a count since the start); what is no longer kept is left out. */
  since(from: number): Uint8Array {
    const out = new Uint8Array(Math.max(0, Math.min(this.kept, this.sent - from)));
    // From the latest backwards: who asks mostly wants the end of a long story.
    let left = out.length;
    for (let i = this.chunks.length - 1; left > 0; i--) {
      const chunk = this.chunks[i];
      const part = chunk.length > left ? chunk.subarray(chunk.length - left) : chunk;
      left -= part.length;
      out.set(part, left);
    }
    return out;
  }

  /** Moves a packet's worth of the host's bytes into the buffer, and plans the next packet. */
  private transfer(): void {
    if (this.transferring || this.waiting.length === 0 || this.available >= RECEIVE_BUFFER) return;
    this.transferring = true;
    this.clock.after(PACKET_TIME, () => {
      this.transferring = false;
      const taken: number[] = [];
      while (taken.length < PACKET && this.waiting.length > 0 && this.available < RECEIVE_BUFFER) {
        const chunk = this.waiting[0];
        const byte = chunk[this.waitingStart++];
        taken.push(byte);
        if (this.waitingStart === chunk.length) {
          this.waiting.shift();
          this.waitingStart = 0;
        }
        if (!this.intercept(byte)) this.buffer.push(byte);
      }
      this.input.recordAll(Uint8Array.from(taken));
      if (this.available > 0) this.onReceived?.();
      this.transfer();
    });
  }
}

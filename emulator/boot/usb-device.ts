/** The board's USB device as its firmware configures it: which interfaces, which numbers, and the reports of the HID interface. */
import type { Clock } from '../clock/clock.ts';
import type { HidDescription, UsbConfiguration, UsbInterface } from '../modules/hardware.ts';
import type { EventStream } from '../trace/event-stream.ts';

const NS_PER_MS = 1_000_000;

/** Reports from the host that the firmware keeps: the one that is read and one more. */
const WAITING_REPORTS = 2;

export class UsbDevice implements UsbInterface {
  /** The configuration that was last made; it is still known after the device was turned off. */
  configuration: UsbConfiguration | undefined;
  enabled = false;
  /** boot.py has decided, be it that there is to be none. */
  decided = false;
  /** Says in the trace what a report means. */
  describe?: (descriptor: Uint8Array, report: Uint8Array) => string;
  private sending = false;
  private incoming: Uint8Array[] = [];
  private readonly listeners = new Set<(report: Uint8Array) => void>();

  constructor(
    private readonly clock: Clock,
    private readonly events: EventStream,
  ) {}

  /** A hard reset: nothing is configured. */
  reset(): void {
    this.configuration = undefined;
    this.enabled = this.decided = this.sending = false;
    this.incoming = [];
  }

  /** Turns the device on, unless it is on already: then it stays as it is. */
  start(configuration: UsbConfiguration): void {
    if (this.enabled) return;
    this.configuration = configuration;
    this.enabled = true;
    this.events.record('configured', { text: configuration.mode });
  }

  stop(): void {
    if (!this.enabled) return;
    this.enabled = false;
    this.events.record('stopped');
  }

  private get hid(): HidDescription | undefined {
    return this.enabled ? this.configuration?.hid : undefined;
  }

  /** Whether a report would be taken now. */
  get canSend(): boolean {
    return this.hid !== undefined && !this.sending;
  }

  /** Hands a report over, which the host fetches when it next asks. @returns false if there is no such interface, or one is still waiting */
  send(report: Uint8Array): boolean {
    const { hid } = this;
    if (hid === undefined || this.sending) return false;
    this.sending = true;
    const interval = Math.max(1, hid.interval) * NS_PER_MS;
    const copy = report.slice();
    this.clock.at((Math.floor(this.clock.now / interval) + 1) * interval, () => {
      this.sending = false;
      this.events.record('report', { data: copy, text: this.describe?.(hid.descriptor, copy) });
      for (const listener of this.listeners) listener(copy);
    });
    return true;
  }

  /** Whether a report from the host waits. */
  get available(): boolean {
    return this.incoming.length > 0;
  }

  receive(): Uint8Array | undefined {
    return this.incoming.shift();
  }

  // The host's side

  /** Called with each report that the board sends. @returns a function that stops it */
  onReport(listener: (report: Uint8Array) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The host sends a report. @returns false if the board does not take it now */
  sendToBoard(report: Uint8Array): boolean {
    const { hid } = this;
    if (hid === undefined || this.incoming.length >= WAITING_REPORTS) return false;
    this.incoming.push(report.slice(0, hid.maxPacket));
    this.events.record('output-report', { data: report.slice() });
    return true;
  }
}

/** What is on a CAN bus: transceivers that connect a controller's pins to it, and nodes that stand for other devices. */

import type { CanTransceiver as Transceiver } from '../peripherals/can.ts';
import { CanBus, type CanNode } from '../peripherals/can-bus.ts';
import { bitsWaveform, type CanFrame } from '../peripherals/can-frame.ts';
import type { Net } from '../peripherals/net.ts';
import type { Bit } from '../trace/level.ts';
import { Part, type PartBench, PartError } from './part.ts';

/** The bench's bus of a name, made when it is first named. */
function busOf(bench: PartBench, name: string): CanBus {
  const { canBuses } = bench.netlist;
  let bus = canBuses.get(name);
  if (bus === undefined) {
    bus = new CanBus(bench.clock, bench.trace.events(name));
    canBuses.set(name, bus);
    bench.netlist.onCanBus?.(name, bus);
  }
  return bus;
}

/** A transceiver: pins `txd` from the controller, `rxd` to it. */
export class CanTransceiver extends Part implements Transceiver {
  readonly bus: CanBus;

  /** @param busName the bus that it is on; those on the same one hear each other */
  constructor(bench: PartBench, name: string, busName = 'can') {
    super(bench, name);
    this.bus = busOf(bench, busName);
    this.addPin('txd');
    this.addPin('rxd').setDrive(1);
    bench.netlist.canTransceivers.add(this);
    this.addFlagFault('bus-broken', 'nothing gets over the bus', () => {
      this.bus.broken = this.isFaulty('bus-broken');
    });
  }

  get txNet(): Net {
    return this.pin('txd').net;
  }

  show(bits: readonly Bit[], start: number, bitTime: number): void {
    this.pin('rxd').play(bitsWaveform(bits, start, bitTime));
  }
}

/** Another device on the bus: keeps what it hears, says what it is told to. It has no pins. */
export class CanPeer extends Part implements CanNode {
  /** Frames that it has heard. */
  readonly heard: CanFrame[] = [];
  private readonly bus: CanBus;
  private readonly queue: CanFrame[] = [];
  private readonly speed: { readonly value: number };

  /** @param bitRate bits a second */
  constructor(bench: PartBench, name: string, bitRate = 125_000, busName = 'can') {
    super(bench, name);
    this.bus = busOf(bench, busName);
    this.speed = this.addNumber('bit-rate', { description: 'bits a second', unit: 'bit/s', initial: bitRate, min: 1000, max: 1_000_000 });
    this.addControl('send', {
      description: 'a frame that it sends: identifier, #, and hexadecimal data, as 123#0011',
      type: 'text',
      get: () => '',
      set: value => this.send(parseFrame(this.name, value as string)),
    });
    this.addReading('heard', {
      description: 'what it has heard since that was read, as 123#0011',
      read: () => this.heard.splice(0).map(formatFrame),
    });
    this.addFlagFault('silent', 'it neither sends nor acknowledges', () => this.bus.wake());
    this.bus.add(this);
  }

  send(frame: CanFrame): void {
    this.queue.push(frame);
    this.bus.wake();
  }

  get bitTime(): number {
    return 1e9 / this.speed.value;
  }

  get isOnBus(): boolean {
    return !this.isFaulty('silent') && !this.isFaulty('removed');
  }

  get acknowledges(): boolean {
    return true;
  }

  get pendingFrame(): CanFrame | undefined {
    return this.queue[0];
  }

  showBits(): void {}

  sent(): void {
    this.queue.shift();
  }

  lostArbitration(): void {}

  /** It gives up at once; a real node would try again. */
  failed(): void {
    this.queue.shift();
  }

  received(frame: CanFrame): void {
    this.heard.push(frame);
  }

  disturbed(): void {}
}

function parseFrame(name: string, text: string): CanFrame {
  const match = /^([0-9a-f]{1,8})#(r|(?:[0-9a-f]{2}){0,8})$/i.exec(text);
  if (match === null) throw new PartError(`${name}: "${text}" is no CAN frame such as 123#0011 or 1FFFFFFF#r`);
  const remote = match[2].toLowerCase() === 'r';
  const data = remote ? new Uint8Array(0) : Uint8Array.from(match[2].match(/../g) ?? [], pair => parseInt(pair, 16));
  return { id: parseInt(match[1], 16), extended: match[1].length > 3, remote, dlc: data.length, data };
}

function formatFrame({ id, extended, remote, data }: CanFrame): string {
  const number = id.toString(16).padStart(extended ? 8 : 3, '0');
  return `${number}#${remote ? 'r' : Array.from(data, byte => byte.toString(16).padStart(2, '0')).join('')}`;
}

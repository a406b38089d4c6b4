/**
 * The I2C bus between nets and whole bytes (UM10204, section 3.1).
 *
 * A target (an EEPROM, a display, a chip's I2C block as target) thinks in bytes: `I2cTarget`. An `I2cPort` connects it to
 * the two wires. It follows a controller that moves the wires bit by bit (a program that bit-bangs) by watching their
 * edges. A controller that thinks in bytes too (the chip's I2C block) finds the ports on its nets, takes them over from
 * START to STOP, and spares itself the edges; the wires show the same levels at the same times either way.
 *
 * A target that needs time holds the clock low with `port.hold()` until `port.release()`.
 */
import { type Bit, Level } from '../trace/level.ts';
import type { Waveform } from '../trace/waveform.ts';
import { BUS_PATIENCE, type Drive, type EdgeObserver, type Net, patient } from './net.ts';

/** What answers at one or more addresses of the bus. */
export interface I2cTarget {
  /** Addressed after a START or repeated START. @param address 7 bits @returns true to acknowledge */
  start(address: number, read: boolean): boolean;
  /** A byte was written to it. @returns true to acknowledge */
  write(byte: number): boolean;
  /** The next byte that it has to say. */
  read(): number;
  /** The controller has acknowledged, or not, the byte that was read. */
  acknowledged?(ack: boolean): void;
  /** STOP, or a START for somebody else, after it was addressed. */
  stop(): void;
}

/** One wire as a target or controller sees it: a terminal, or a peripheral's line. */
export interface BusWire {
  readonly bit: Bit;
  /** The net it is on; undefined while no pin carries it. */
  readonly net: Net | undefined;
  drive(drive: Drive): void;
  play(waveform: Waveform): void;
  observe(observer: EdgeObserver): () => void;
}

type Phase = 'idle' | 'address' | 'write' | 'read' | 'ignore';

export class I2cPort {
  private phase: Phase = 'idle';
  private bits = 0;
  private shift = 0;
  /** True once this transfer has addressed us. */
  private addressed = false;
  private acknowledging = false;
  /** True while the ninth clock is ours to answer; false while the controller answers a byte that it read. */
  private answering = false;
  /** What the controller answered to the byte that was read. */
  private acknowledgedRead = false;
  private holding = false;
  private waiting: (() => void) | undefined;
  private taken = false;
  private stops: (() => void)[] = [];

  /** @param bus all ports of the bench, which this one joins until `remove` */
  constructor(
    readonly scl: BusWire,
    readonly sda: BusWire,
    readonly target: I2cTarget,
    private readonly bus: Set<I2cPort>,
  ) {
    bus.add(this);
    this.watch();
  }

  /** Takes the target off the bus. */
  remove(): void {
    this.unwatch();
    this.letGo();
    this.bus.delete(this);
    const waiting = this.waiting;
    this.waiting = undefined;
    waiting?.();
  }

  /** Holds the clock low: the controller has to wait. */
  hold(): void {
    if (this.holding) return;
    this.holding = true;
    this.scl.drive(0);
  }

  /** Lets the clock go. */
  release(): void {
    if (!this.holding) return;
    this.holding = false;
    const waiting = this.waiting;
    this.waiting = undefined;
    // First the data, then the clock: a controller that waits for the clock may take the bit at once.
    waiting?.();
    if (!this.holding) this.scl.drive(-1);
  }

  get isHolding(): boolean {
    return this.holding;
  }

  // --- for a controller that thinks in bytes ---------------------------------------------------------------------

  /** The controller takes the port over from START to STOP. */
  take(): void {
    this.taken = true;
    this.unwatch();
    this.phase = 'idle';
  }

  /** STOP: the port watches its wires again. */
  giveBack(): void {
    if (!this.taken) return;
    this.taken = false;
    this.letGo();
    this.endTransfer();
    if (this.bus.has(this)) this.watch();
  }

  /** Calls back as soon as the clock is not held, at once if it is not. */
  whenReleased(callback: () => void): void {
    if (this.holding) this.waiting = callback;
    else callback();
  }

  /** A START or repeated START and an address. Drives the acknowledge until `endByte`. */
  startByte(address: number, read: boolean): boolean {
    this.endTransfer();
    this.addressed = this.target.start(address, read);
    this.acknowledge(this.addressed);
    return this.addressed;
  }

  /** A byte for a target that was addressed. */
  writeByte(byte: number): void {
    if (this.addressed) this.acknowledge(this.target.write(byte));
  }

  /** The byte that it puts on the wire, or undefined if it was not addressed. */
  readByte(): number | undefined {
    return this.addressed ? this.target.read() & 0xff : undefined;
  }

  /** The ninth clock has fallen. @param ack what the controller answered to a byte that was read */
  endByte(ack?: boolean): void {
    this.letGo();
    if (ack !== undefined && this.addressed) this.target.acknowledged?.(ack);
  }

  private acknowledge(ack: boolean): void {
    if (!ack) return;
    this.acknowledging = true;
    this.sda.drive(0);
  }

  private letGo(): void {
    this.acknowledging = false;
    this.sda.drive(-1);
  }

  private endTransfer(): void {
    if (this.addressed) this.target.stop();
    this.addressed = false;
  }

  // --- for a controller that moves the wires bit by bit ----------------------------------------------------------

  private watch(): void {
    const clock = (bit: Bit) => this.clockEdge(bit);
    const data = (bit: Bit) => this.dataEdge(bit);
    this.stops = [this.scl.observe(patient(clock, () => BUS_PATIENCE)), this.sda.observe(patient(data, () => BUS_PATIENCE))];
  }

  private unwatch(): void {
    for (const stop of this.stops) stop();
    this.stops = [];
  }

  private dataEdge(bit: Bit): void {
    if (this.scl.bit === 0 || this.acknowledging) return;
    if (bit === 0) {
      this.phase = 'address';
      this.answering = false;
      this.bits = this.shift = 0;
    } else {
      this.phase = 'idle';
      this.letGo();
      this.endTransfer();
    }
  }

  private clockEdge(bit: Bit): void {
    if (this.phase === 'idle' || this.phase === 'ignore') return;
    if (bit === 1) this.clockRose();
    else this.clockFell();
  }

  private clockRose(): void {
    if (this.bits < 8) {
      if (this.phase !== 'read') this.shift = (this.shift << 1) | this.sda.bit;
      this.bits++;
    } else {
      this.bits = 9;
      this.acknowledgedRead = this.sda.bit === 0;
    }
  }

  private clockFell(): void {
    if (this.phase === 'read' && this.bits < 8) {
      if (this.bits > 0) this.sendBit();
    } else if (this.bits === 8) {
      if (this.phase === 'read') this.sda.drive(-1);
      else this.answer();
    } else if (this.bits === 9) {
      this.letGo();
      // A target that holds the clock now does so while it is low.
      if (this.phase === 'read' && !this.answering) {
        this.target.acknowledged?.(this.acknowledgedRead);
        if (!this.acknowledgedRead) this.phase = 'ignore';
      }
      this.answering = false;
      this.bits = this.shift = 0;
      if (this.phase === 'read') this.whenReleased(() => this.nextRead());
    }
  }

  /** Eight bits have come: an address or a byte. */
  private answer(): void {
    this.answering = true;
    if (this.phase === 'address') {
      const read = (this.shift & 1) === 1;
      this.endTransfer();
      this.addressed = this.target.start(this.shift >> 1, read);
      this.phase = this.addressed ? (read ? 'read' : 'write') : 'ignore';
      this.acknowledge(this.addressed);
    } else this.acknowledge(this.target.write(this.shift & 0xff));
  }

  private nextRead(): void {
    if (this.phase !== 'read') return;
    this.shift = this.target.read() & 0xff;
    this.sendBit();
  }

  private sendBit(): void {
    this.sda.drive((this.shift >> (7 - this.bits)) & 1 ? -1 : 0);
  }
}

/** A byte of a bus whose high level is made by resistors: released or pulled down. */
export function openDrainLevel(bit: number): Level {
  return bit ? Level.FLOATING_HIGH : Level.LOW;
}

/**
 * The SPI bus between nets and whole bytes.
 *
 * A target (a flash memory, a display, a chip's SPI block as target) thinks in bytes: `SpiTarget`. An `SpiPort` connects
 * it to the wires. It follows a controller that moves them bit by bit by watching the clock's edges; a controller that
 * thinks in bytes too (the chip's SPI block, in the same mode) finds the port on its nets and exchanges bytes, while the
 * wires show the same levels at the same times.
 */
import type { Bit } from '../trace/level.ts';
import type { BusWire } from './i2c-bus.ts';
import { BUS_PATIENCE, patient } from './net.ts';

/** What hangs on an SPI bus. */
export interface SpiTarget {
  /** The select input has become active. */
  select(): void;
  /** It has become inactive; a byte under way is lost. */
  deselect(): void;
  /** The byte that it shifts out next; asked for when its first bit is due. */
  output(): number;
  /** The byte that was shifted in meanwhile. */
  input(byte: number): void;
}

export interface SpiWires {
  sck: BusWire;
  /** from the controller */
  mosi: BusWire | undefined;
  /** to the controller */
  miso: BusWire | undefined;
  /** active low; undefined if it is always selected */
  select: BusWire | undefined;
}

export interface SpiMode {
  /** the clock's level at rest */
  polarity: Bit;
  /** 0: data is sampled at the clock's first edge; 1: at its second */
  phase: Bit;
}

export class SpiPort {
  private selected = false;
  private count = 0;
  private incoming = 0;
  private outgoing = 0;
  private loaded = false;
  private taken = false;
  private stopClock: (() => void) | undefined;
  private stopSelect: (() => void) | undefined;

  /** @param bus all ports of the bench, which this one joins until `remove` */
  constructor(
    readonly wires: SpiWires,
    readonly target: SpiTarget,
    public mode: SpiMode,
    private readonly bus: Set<SpiPort>,
  ) {
    bus.add(this);
    this.stopSelect = wires.select?.observe(bit => this.selectChanged(bit === 0));
    this.selectChanged(wires.select === undefined || wires.select.bit === 0);
  }

  get isSelected(): boolean {
    return this.selected;
  }

  /** Takes the target off the bus. */
  remove(): void {
    this.selectChanged(false);
    this.stopSelect?.();
    this.bus.delete(this);
  }

  /** Selects or deselects a target whose select input is not a wire. */
  setSelected(selected: boolean): void {
    this.selectChanged(selected);
  }

  private selectChanged(selected: boolean): void {
    if (selected === this.selected) return;
    this.selected = selected;
    this.count = this.incoming = 0;
    this.loaded = false;
    if (selected) {
      this.target.select();
      if (!this.taken) this.watch();
    } else {
      this.unwatch();
      this.wires.miso?.drive(-1);
      this.target.deselect();
    }
  }

  // --- for a controller that thinks in bytes ---------------------------------------------------------------------

  /** Whether a controller can exchange bytes with it: both sample at rising edges, or both at falling ones. */
  understands(mode: SpiMode): boolean {
    return (mode.polarity ^ mode.phase) === (this.mode.polarity ^ this.mode.phase);
  }

  /** The controller exchanges bytes from now on, until `giveBack`. */
  take(): void {
    if (this.taken) return;
    this.taken = true;
    this.unwatch();
  }

  /** The byte that the target shifts out next: the one that it has already put its first bit of, if there is one. */
  nextByte(): number {
    const byte = this.loaded ? this.outgoing : this.target.output() & 0xff;
    this.loaded = false;
    return byte;
  }

  /** The target has got something new to say, before the first clock of a byte: that goes out, and is taken at this clock. @param first bit of it */
  reload(first: Bit): void {
    if (!this.selected || this.taken || this.count > 0) return;
    this.loaded = false;
    if (this.mode.phase === 0) this.wires.miso?.drive(first);
  }

  giveBack(): void {
    if (!this.taken) return;
    this.taken = false;
    this.count = 0;
    this.loaded = false;
    if (this.selected) this.watch();
  }

  // --- for a controller that moves the wires bit by bit ----------------------------------------------------------

  private watch(): void {
    if (this.stopClock !== undefined) return;
    this.stopClock = this.wires.sck.observe(
      patient(
        (bit: Bit) => this.clockEdge(bit),
        () => BUS_PATIENCE,
      ),
    );
    if (this.mode.phase === 0) this.putBit();
  }

  private unwatch(): void {
    this.stopClock?.();
    this.stopClock = undefined;
  }

  private clockEdge(bit: Bit): void {
    const leading = bit !== this.mode.polarity;
    if (leading === (this.mode.phase === 0)) this.takeBit();
    else this.putBit();
  }

  private putBit(): void {
    if (!this.loaded) {
      this.outgoing = this.target.output() & 0xff;
      this.loaded = true;
    }
    this.wires.miso?.drive(((this.outgoing >> (7 - this.count)) & 1) as Bit);
  }

  private takeBit(): void {
    if (!this.loaded && this.count === 0 && this.mode.phase === 0) {
      this.outgoing = this.target.output() & 0xff;
      this.loaded = true;
    }
    // A target whose first bit was never due, because it was selected in the middle of a clock, still shifts.
    this.incoming = (this.incoming << 1) | (this.wires.mosi?.bit ?? 0);
    if (++this.count < 8) return;
    this.count = 0;
    this.loaded = false;
    const byte = this.incoming & 0xff;
    this.incoming = 0;
    this.target.input(byte);
  }
}

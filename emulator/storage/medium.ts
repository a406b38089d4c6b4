/**
 * What all media have in common: bytes that survive without power, operations that can be watched, and a supply that can
 * fail in the middle of one.
 */

/** The power went while a medium was working. Ends the board's run; no guest code may see or catch it. */
export class PowerLost extends Error {
  constructor(readonly medium: string) {
    super(`power lost during an operation of the ${medium}`);
    this.name = 'PowerLost';
  }
}

/** One operation of a medium, for the trace and for virtual time. */
export interface MediumOperation {
  kind: 'read' | 'write' | 'erase' | 'program';
  /** First byte. For flash the address in the chip's memory map, for a card the offset from its beginning. */
  address: number;
  /** In bytes. */
  length: number;
  /** How long the medium is busy, in ns of virtual time. */
  duration: number;
}

export type MediumListener = (operation: MediumOperation) => void;

/** How far an operation comes before the power goes. */
export interface PowerCut {
  /** As a part of the operation, 0 to 1. */
  progress?: number;
  /** Or in bytes. */
  bytes?: number;
}

/** Deterministic noise for what half-finished operations leave behind (xorshift32). */
export class Noise {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0 || 0x9e3779b9;
  }

  /** 32 random bits, as a signed integer. */
  next(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (this.state = x);
  }
}

/** A storage medium. Changing operations are counted, so that a test can cut the power at each one in turn. */
export abstract class Medium {
  /** Changing operations (write, erase, program) begun since the medium was made. */
  operations = 0;
  /** False after the power was lost, until `restorePower`. Without power a medium neither reads nor changes. */
  powered = true;
  private whenPowerLost: (() => void) | undefined;

  /** How many of the next reads, or writes, fail without doing anything; `Infinity` for all. */
  readonly faults = { reads: 0, writes: 0 };

  private cutAt = Infinity;
  private cut: PowerCut = {};
  private readonly listeners: MediumListener[] = [];

  protected constructor(readonly name: string) {}

  /**
   * The power fails in a later changing operation.
   * @param skip how many changing operations still complete (0: the very next one is cut)
   * @param cut how much of that operation is done when the power goes; nothing if neither is given
   */
  cutPowerAfter(skip: number, cut: PowerCut | number = {}): void {
    this.cutAt = this.operations + skip;
    this.cut = typeof cut === 'number' ? { progress: cut } : cut;
  }

  /** Power is back, and no cut is armed. What the medium holds stays as it is. */
  restorePower(): void {
    this.powered = true;
    this.cutAt = Infinity;
  }

  /** Adds a listener, and returns a function that removes it. */
  listen(listener: MediumListener): () => void {
    this.listeners.push(listener);
    return () => {
      const index = this.listeners.indexOf(listener);
      if (index >= 0) this.listeners.splice(index, 1);
    };
  }

  /** A copy of what the medium holds. */
  /** From now on calls back at the moment of a power cut, before `PowerLost` is thrown. */
  onPowerLost(callback: () => void): void {
    this.whenPowerLost = callback;
  }

  abstract save(): Uint8Array;
  /** Replaces what the medium holds; a shorter image leaves the rest blank. @throws RangeError if it is too long */
  abstract load(image: Uint8Array): void;

  protected report(kind: MediumOperation['kind'], address: number, length: number, duration: number): void {
    for (const listener of this.listeners) listener({ kind, address, length, duration });
  }

  /** Bytes of the whole medium. */
  abstract readonly size: number;
  /** Looks at the contents with a programmer or card reader: no operation, and no faults. @param offset from the beginning */
  abstract peek(offset: number, into: Uint8Array): void;
  /** Changes the contents in the same way. */
  abstract poke(offset: number, data: Uint8Array): void;

  /** True if this read is to fail. Counts it. */
  failsToRead(): boolean {
    if (this.faults.reads <= 0) return false;
    this.faults.reads--;
    return true;
  }

  /** True if this write is to fail. Counts it. */
  failsToWrite(): boolean {
    if (this.faults.writes <= 0) return false;
    this.faults.writes--;
    return true;
  }

  /**
   * Lets the time of an operation pass, before the operation has any effect: a power failure in that time cuts it there.
   * @param duration ns @returns how much of it passed before the power went: all of it, if the power stayed
   */
  onBusy?: (duration: number) => number;

  /** True in the operation in which the power goes. */
  protected failing = false;

  /**
   * Counts a changing operation, and lets its time pass.
   * @returns how much of it happens, 0 to 1; if `failing`, the caller calls `losePower` after that part
   */
  protected begin(length: number, duration: number): number {
    this.failing = false;
    if (!this.powered) return 0;
    let progress = 1;
    if (this.operations++ === this.cutAt) {
      const part = this.cut.bytes === undefined ? (this.cut.progress ?? 0) : length === 0 ? 0 : this.cut.bytes / length;
      progress = Math.min(1, part);
      this.failing = true;
    }
    const time = duration * progress;
    const passed = this.busy(time);
    if (passed < time) {
      progress *= passed / time;
      this.failing = true;
    }
    return progress;
  }

  /** Lets time pass. @returns how much of it passed before the power went */
  protected busy(duration: number): number {
    return duration > 0 && this.onBusy ? Math.min(duration, this.onBusy(duration)) : duration;
  }

  /** The power is gone. @throws PowerLost */
  protected losePower(): never {
    this.powered = false;
    this.cutAt = Infinity;
    this.failing = false;
    this.whenPowerLost?.();
    throw new PowerLost(this.name);
  }
}

/**
 * What a core sees of the board: 32-bit addresses that answer reads and writes, little-endian.
 *
 * Addresses are taken modulo 2^32 (callers may pass signed 32-bit numbers). `read8` and `read16` give unsigned values, `read32` gives a signed 32-bit
 * integer, because that is what the cores compute with. Unaligned 16- and 32-bit accesses are allowed here; a core that must refuse them does so before it asks.
 */
export interface MemoryBus {
  /** @throws {BusError} where nothing answers. */
  read8(address: number): number;
  read16(address: number): number;
  read32(address: number): number;
  write8(address: number, value: number): void;
  write16(address: number, value: number): void;
  write32(address: number, value: number): void;
  /**
   * One half-word of code. Differs from `read16` in that memory that cannot be executed refuses, and in that the bus remembers the address: a later write
   * there is reported to `onCodeWrite`, so that a core can drop what it decoded.
   */
  fetch16(address: number): number;
  /** Called with the address of a write to a line of 64 bytes from which code had been fetched since the last such call. */
  onCodeWrite: ((address: number) => void) | null;
}

/** A bus with accesses of 64 bits, and code in bytes. */
export interface WideBus extends MemoryBus {
  /** Reads 64 bits into two places of an array, the lower half first. */
  readPair(address: number, into: Int32Array, at: number): void;
  writePair(address: number, low: number, high: number): void;
  /** One byte of code; see `fetch16`. */
  fetch8(address: number): number;
}

/** Nothing answers at this address, or it answers with an error. Cores turn it into the fault of their architecture. */
export class BusError {
  constructor(
    readonly address: number,
    readonly access: 'read' | 'write' | 'fetch',
  ) {}
}

const CODE_LINE_BITS = 6;

/** Plain memory in one piece, everything else unmapped: for tests, and for programs without peripherals. */
export class FlatMemory implements WideBus {
  readonly bytes: Uint8Array;
  onCodeWrite: ((address: number) => void) | null = null;
  private readonly view: DataView;
  /** One flag for every 64 bytes: something there was fetched as code. */
  private readonly codeLines: Uint8Array;

  constructor(
    readonly base: number,
    readonly size: number,
  ) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    this.codeLines = new Uint8Array((size >>> CODE_LINE_BITS) + 1);
  }

  private offset(address: number, width: number, access: 'read' | 'write' | 'fetch'): number {
    const offset = (address - this.base) >>> 0;
    if (offset + width > this.size) throw new BusError(address >>> 0, access);
    return offset;
  }

  read8(address: number): number {
    return this.view.getUint8(this.offset(address, 1, 'read'));
  }
  read16(address: number): number {
    return this.view.getUint16(this.offset(address, 2, 'read'), true);
  }
  read32(address: number): number {
    return this.view.getInt32(this.offset(address, 4, 'read'), true);
  }
  fetch16(address: number): number {
    const offset = this.offset(address, 2, 'fetch');
    this.codeLines[offset >>> CODE_LINE_BITS] = 1;
    return this.view.getUint16(offset, true);
  }
  fetch8(address: number): number {
    const offset = this.offset(address, 1, 'fetch');
    this.codeLines[offset >>> CODE_LINE_BITS] = 1;
    return this.view.getUint8(offset);
  }
  readPair(address: number, into: Int32Array, at: number): void {
    const offset = this.offset(address, 8, 'read');
    into[at] = this.view.getInt32(offset, true);
    into[at + 1] = this.view.getInt32(offset + 4, true);
  }
  writePair(address: number, low: number, high: number): void {
    const offset = this.offset(address, 8, 'write');
    this.view.setInt32(offset, low, true);
    this.view.setInt32(offset + 4, high, true);
    this.noteWrite(address, offset + 7);
  }
  write8(address: number, value: number): void {
    const offset = this.offset(address, 1, 'write');
    this.view.setUint8(offset, value);
    this.noteWrite(address, offset);
  }
  write16(address: number, value: number): void {
    const offset = this.offset(address, 2, 'write');
    this.view.setUint16(offset, value, true);
    this.noteWrite(address, offset + 1);
  }
  write32(address: number, value: number): void {
    const offset = this.offset(address, 4, 'write');
    this.view.setInt32(offset, value, true);
    this.noteWrite(address, offset + 3);
  }

  private noteWrite(address: number, lastOffset: number): void {
    const first = ((address - this.base) >>> 0) >>> CODE_LINE_BITS;
    const last = lastOffset >>> CODE_LINE_BITS;
    if (this.codeLines[first] !== 0) {
      this.codeLines[first] = 0;
      this.onCodeWrite?.(address >>> 0);
    }
    if (this.codeLines[last] !== 0) {
      this.codeLines[last] = 0;
      this.onCodeWrite?.((this.base + lastOffset) >>> 0);
    }
  }
}

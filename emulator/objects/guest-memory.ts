/**
 * Memory by address: where the guest's buffers lie, and what lies at an address. Buffers get an address when the guest asks for
 * it; all other addresses are the board's business (registers, flash, RAM of its own).
 */
import { raiseValueError } from '../vm/raise.ts';
import { vm } from '../vm/vm.ts';
import { reserveAddresses } from './identity.ts';
import { encodeUtf8 } from './utf8.ts';

export type AccessSize = 1 | 2 | 4;

/** What answers at addresses that are no guest buffer's. Reads and writes may throw the board's own fault. */
export interface MemoryBus {
  read(address: number, size: AccessSize): number;
  write(address: number, value: number, size: AccessSize): void;
  /** A live view of plain memory; undefined where there are registers, or nothing. */
  view?(address: number, length: number): Uint8Array | undefined;
}

/** What a bus throws where nothing answers, by its name: the processor faults. */
export const isBusFault = (error: unknown): error is Error => error instanceof Error && error.name === 'BusFault';

/** That fault, in words. */
export const nothingAt = (address: number): string => `access to 0x${(address >>> 0).toString(16).padStart(8, '0')}, where nothing answers`;

interface Block {
  readonly base: number;
  readonly bytes: Uint8Array;
  readonly data: DataView;
}

/** Buffers with an address are kept alive up to this many bytes in all, the oldest are forgotten first. */
const KEPT_BYTES = 1 << 24;

export class GuestMemory {
  bus: MemoryBus | undefined;
  private readonly bases = new WeakMap<ArrayBufferLike, number>();
  /** Where views of the board's memory were taken: the same bytes may answer at several addresses. */
  private readonly views = new WeakMap<Uint8Array, number>();
  /** In the order of their addresses, which is that of their making. */
  private readonly blocks: Block[] = [];
  private kept = 0;
  private readonly roms: Uint8Array[] = [];
  private readonly strings = new Map<string, Uint8Array>();

  /** The address of a buffer's first byte. */
  addressOf(bytes: Uint8Array): number {
    const { buffer } = bytes;
    const taken = this.views.get(bytes);
    if (taken !== undefined) return taken;
    let base = this.bases.get(buffer);
    if (base === undefined) {
      // The reference ends strings and bytes with a zero, which C code looks for.
      base = reserveAddresses(buffer.byteLength + 1);
      this.place(buffer, base);
    }
    return base + bytes.byteOffset;
  }

  /** Says where memory lies that has an address already: the one that was reserved last. */
  place(buffer: ArrayBufferLike, base: number): void {
    this.bases.set(buffer, base);
    this.blocks.push({ base, bytes: new Uint8Array(buffer), data: new DataView(buffer) });
    this.kept += buffer.byteLength;
    while (this.kept > KEPT_BYTES && this.blocks.length > 1) this.kept -= this.blocks.shift()!.bytes.length;
  }

  /** A file that was imported from memory: its constants stay where they are. */
  addRom(image: Uint8Array): void {
    this.roms.push(image);
  }

  /** The address of a string's bytes: in the ROM it was imported from, or wherever it was put when it was first asked for. */
  addressOfStr(text: string): number {
    const bytes = encodeUtf8(text);
    for (const rom of this.roms) {
      const at = indexOfBytes(rom, bytes);
      if (at >= 0) return this.addressOf(rom) + at;
    }
    let kept = this.strings.get(text);
    if (kept === undefined) this.strings.set(text, (kept = bytes));
    return this.addressOf(kept);
  }

  /** The block that holds `length` bytes at `address`. */
  private find(address: number, length: number): Block | undefined {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const block = this.blocks[middle];
      if (address < block.base) high = middle - 1;
      else if (address + length > block.base + block.bytes.length) low = middle + 1;
      else return block;
    }
    return undefined;
  }

  /** The guest buffer at an address: where it begins, and its bytes. */
  blockAt(address: number): { readonly base: number; readonly bytes: Uint8Array } | undefined {
    return this.find(address, 1);
  }

  read(address: number, size: AccessSize): number {
    const block = this.find(address, size);
    if (block === undefined) return this.onBus(address, () => this.outside(address).read(address, size));
    const at = address - block.base;
    return size === 1 ? block.bytes[at] : size === 2 ? block.data.getUint16(at, true) : block.data.getUint32(at, true);
  }

  write(address: number, value: number, size: AccessSize): void {
    const block = this.find(address, size);
    if (block === undefined) {
      const unsigned = size === 4 ? value >>> 0 : size === 2 ? value & 0xffff : value & 0xff;
      this.onBus(address, () => this.outside(address).write(address, unsigned, size));
      return;
    }
    const at = address - block.base;
    if (size === 1) block.bytes[at] = value;
    else if (size === 2) block.data.setUint16(at, value, true);
    else block.data.setUint32(at, value, true);
  }

  /** The bytes at an address: live where there is memory, a copy where there are registers. */
  bytesAt(address: number, length: number): Uint8Array {
    return this.bytes(address, length, at => this.onBus(at, () => this.bus!.read(at, 1)));
  }

  /** Whether there is no memory at an address, but what only the board's bus reaches: registers, or nothing. */
  isRegisters(address: number, length: number): boolean {
    return (
      length > 0 && this.bus !== undefined && this.find(address, length) === undefined && this.bus.view?.(address, length) === undefined
    );
  }

  /** As `bytesAt` for one who may want no more than the address: no fault where nothing answers, but zeros. */
  copyAt(address: number, length: number): Uint8Array {
    return this.bytes(address, length, at => {
      try {
        return this.bus!.read(at, 1);
      } catch (error) {
        if (isBusFault(error)) return 0;
        throw error;
      }
    });
  }

  private bytes(address: number, length: number, registerByte: (at: number) => number): Uint8Array {
    const block = this.find(address, length);
    if (block !== undefined) return block.bytes.subarray(address - block.base, address - block.base + length);
    if (length === 0) return new Uint8Array(0);
    vm.heap.alloc(length);
    vm.heap.free(length);
    const { bus } = this;
    if (bus === undefined) {
      // No more than a name for the place: what is there cannot be read.
      const place = new Uint8Array(length);
      this.bases.set(place.buffer, address);
      return place;
    }
    const bytes = bus.view?.(address, length) ?? Uint8Array.from({ length }, (_, i) => registerByte(address + i));
    this.views.set(bytes, address);
    // Parts of it lie where it lies.
    if (!this.bases.has(bytes.buffer)) this.bases.set(bytes.buffer, address - bytes.byteOffset);
    return bytes;
  }

  /** An access by the runtime's own code: where nothing answers, the processor faults. */
  private onBus<T>(address: number, access: () => T): T {
    try {
      return access();
    } catch (error) {
      if (isBusFault(error)) {
        vm.onHardFault?.(nothingAt(address));
        vm.port.busFault?.(address >>> 0);
      }
      throw error;
    }
  }

  private outside(address: number): MemoryBus {
    // The reference would read whatever is there, or crash.
    if (this.bus === undefined) raiseValueError(`no memory at address 0x${address.toString(16)}`);
    return this.bus;
  }
}

/** Where `part`, followed by a zero byte, begins; -1 when it is not there. */
function indexOfBytes(whole: Uint8Array, part: Uint8Array): number {
  for (let i = 0; i + part.length < whole.length; i++) {
    let n = 0;
    while (n < part.length && whole[i + n] === part[n]) n++;
    if (n === part.length && whole[i + n] === 0) return i;
  }
  return -1;
}

const KEY = Symbol('memory');
/** The running machine's memory. */
export const guestMemory = (): GuestMemory => vm.stateOf(KEY, () => new GuestMemory());

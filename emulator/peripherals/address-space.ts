/**
 * The chip's address space: which device answers at which address (RM0090 section 2.3; ARMv7-M, section B3.1).
 *
 * Memory and registers are reached through it by `machine.mem8/16/32`, by `uctypes`, by assembled code and by DMA. An
 * address at which nothing answers is a `BusFault`, as on the chip. All values are unsigned.
 */

export type AccessSize = 1 | 2 | 4;

/** Something that answers at a range of addresses. `offset` counts from its base; aligned to `size` unless it is memory. */
export interface AddressedDevice {
  /** Whether it can be accessed at any alignment, as memory can and registers cannot. */
  readonly unaligned?: boolean;
  read(offset: number, size: AccessSize): number;
  write(offset: number, value: number, size: AccessSize): void;
}

/** Nothing answers at an address, or not to an access of that kind: on the chip, a hard fault. */
export class BusFault extends Error {
  override readonly name = 'BusFault';

  constructor(
    readonly address: number,
    readonly access: 'read' | 'write' | 'execute',
    readonly size: AccessSize,
    readonly reason: 'unmapped' | 'unaligned' = 'unmapped',
  ) {
    super(`${reason} ${size * 8}-bit ${access} at 0x${address.toString(16).padStart(8, '0')}`);
  }
}

interface Region {
  base: number;
  end: number;
  device: AddressedDevice;
  /** whether it may be read at any alignment */
  unaligned: boolean;
}

/** Plain bytes: RAM, ROM, flash. They are allocated at the first access, so that a board that uses none starts fast. */
export class Memory implements AddressedDevice {
  readonly unaligned = true;
  private allocated: { bytes: Uint8Array; view: DataView } | undefined;

  /**
   * @param size in bytes
   * @param writable false for ROM: writes are ignored
   * @param fill what every byte is at first
   */
  constructor(
    readonly size: number,
    readonly writable = true,
    private readonly fill = 0,
  ) {}

  /** The content; whoever holds it sees and makes changes. */
  get bytes(): Uint8Array {
    return (this.allocated ?? this.allocate()).bytes;
  }

  read(offset: number, size: AccessSize): number {
    const { bytes, view } = this.allocated ?? this.allocate();
    if (size === 4) return view.getUint32(offset, true);
    return size === 2 ? view.getUint16(offset, true) : bytes[offset];
  }

  write(offset: number, value: number, size: AccessSize): void {
    if (!this.writable) return;
    const { bytes, view } = this.allocated ?? this.allocate();
    if (size === 4) view.setUint32(offset, value, true);
    else if (size === 2) view.setUint16(offset, value, true);
    else bytes[offset] = value;
  }

  /** Forgets the content, as RAM without power does. */
  clear(): void {
    this.allocated = undefined;
  }

  private allocate(): { bytes: Uint8Array; view: DataView } {
    const bytes = new Uint8Array(this.size);
    if (this.fill !== 0) bytes.fill(this.fill);
    return (this.allocated = { bytes, view: new DataView(bytes.buffer) });
  }
}

export class AddressSpace {
  private readonly regions: Region[] = [];
  private last: Region | undefined;

  /** @param absent asked when nothing is mapped at an address: it may map what belongs there */
  constructor(private readonly absent: (address: number) => void = () => {}) {}

  /**
   * Lets a device answer at `base` to `base + size - 1`. What is mapped later hides what was there before, so that a part
   * of the RAM can be given to something else.
   */
  map(base: number, size: number, device: AddressedDevice): void {
    const region = { base, end: base + size, device, unaligned: device.unaligned === true };
    this.regions.unshift(region);
    this.last = undefined;
  }

  /** Takes a device's mapping at an address away again. */
  unmap(device: AddressedDevice, base: number): void {
    const place = this.regions.findIndex(region => region.device === device && region.base === base);
    if (place >= 0) this.regions.splice(place, 1);
    this.last = undefined;
  }

  /** @throws BusFault if nothing answers there */
  read(address: number, size: AccessSize): number {
    const region = this.locate(address, size, 'read');
    return region.device.read(address - region.base, size);
  }

  /** @throws BusFault if nothing answers there */
  write(address: number, value: number, size: AccessSize): void {
    const region = this.locate(address, size, 'write');
    region.device.write(address - region.base, value, size);
  }

  read8(address: number): number {
    return this.read(address, 1);
  }

  read16(address: number): number {
    return this.read(address, 2);
  }

  read32(address: number): number {
    return this.read(address, 4);
  }

  write8(address: number, value: number): void {
    this.write(address, value & 0xff, 1);
  }

  write16(address: number, value: number): void {
    this.write(address, value & 0xffff, 2);
  }

  write32(address: number, value: number): void {
    this.write(address, value >>> 0, 4);
  }

  /** Whether something answers at the address. */
  isMapped(address: number): boolean {
    return this.find(address, 1) !== undefined;
  }

  private locate(address: number, size: AccessSize, access: 'read' | 'write'): Region {
    let region = this.last;
    if (region === undefined || address < region.base || address + size > region.end) {
      region = this.find(address, size);
      if (region === undefined) throw new BusFault(address, access, size);
      this.last = region;
    }
    if (!region.unaligned && address % size !== 0) throw new BusFault(address, access, size, 'unaligned');
    return region;
  }

  private find(address: number, size: AccessSize): Region | undefined {
    const covers = ({ base, end }: Region) => address >= base && address + size <= end;
    const found = this.regions.find(covers);
    if (found !== undefined) return found;
    this.absent(address);
    return this.regions.find(covers);
  }
}

/** A range whose words each stand for one bit of another range (ARMv7-M, section B3.1.2). */
export class BitBand implements AddressedDevice {
  constructor(
    private readonly space: AddressSpace,
    private readonly target: number,
  ) {}

  read(offset: number): number {
    return (this.space.read32(this.wordOf(offset)) >>> this.bitOf(offset)) & 1;
  }

  write(offset: number, value: number): void {
    const address = this.wordOf(offset);
    const mask = 1 << this.bitOf(offset);
    const word = this.space.read32(address);
    this.space.write32(address, value & 1 ? word | mask : word & ~mask);
  }

  private wordOf(offset: number): number {
    return this.target + Math.floor(offset / 128) * 4;
  }

  private bitOf(offset: number): number {
    return (offset >> 2) & 31;
  }
}

/**
 * NOR flash as microcontrollers have it: erased by sectors (to ones), programmed word by word (ones to zeros).
 *
 * Times: STM32F405 datasheet (DS8626), table "Flash memory programming", 32-bit parallelism, typical values.
 */
import { Medium, Noise } from './medium.ts';

/** Sectors of one size that follow each other. */
export interface FlashSectors {
  address: number;
  /** Bytes a sector. */
  size: number;
  count: number;
}

export interface FlashTiming {
  /** ns to erase a sector, by its size in bytes; a size not listed is interpolated. */
  erase: ReadonlyMap<number, number>;
  /** ns to program one word of 32 bits. */
  programWord: number;
}

const MILLISECOND = 1_000_000;

/** DS8626: 16 KB in 250 ms, 64 KB in 550 ms, 128 KB in 1 s, a word in 16 µs. */
export const STM32F4_FLASH_TIMING: FlashTiming = {
  erase: new Map([
    [0x4000, 250 * MILLISECOND],
    [0x10000, 550 * MILLISECOND],
    [0x20000, 1000 * MILLISECOND],
  ]),
  programWord: 16_000,
};

export interface FlashSector {
  address: number;
  size: number;
}

/** The part of a chip's flash that a filesystem lives in, or all of it. */
export class FlashMedium extends Medium {
  readonly address: number;
  readonly size: number;
  private bytes: Uint8Array;
  /** The content is an image that others have too: it is copied before it changes. */
  private shared = false;
  private readonly sectors: readonly FlashSector[];

  /** @param layout without gaps, in order of addresses; a fresh medium is erased */
  constructor(
    layout: readonly FlashSectors[],
    private readonly timing: FlashTiming = STM32F4_FLASH_TIMING,
    name = 'flash',
  ) {
    super(name);
    const sectors: FlashSector[] = [];
    for (const group of layout) {
      for (let i = 0; i < group.count; i++) sectors.push({ address: group.address + i * group.size, size: group.size });
    }
    if (sectors.length === 0) throw new RangeError('flash needs at least one sector');
    this.sectors = sectors;
    this.address = sectors[0].address;
    const last = sectors[sectors.length - 1];
    this.size = last.address + last.size - this.address;
    this.bytes = erased(this.size);
    this.shared = true;
  }

  /** The sector that holds `address`, or undefined. */
  sectorAt(address: number): FlashSector | undefined {
    return this.sectors.find(sector => address >= sector.address && address < sector.address + sector.size);
  }

  contains(address: number): boolean {
    return address >= this.address && address < this.address + this.size;
  }

  /** The memory itself, for the CPU's bus; not to be written, nor to be kept: a change may be the first. */
  get memory(): Uint8Array {
    return this.bytes;
  }

  peek(offset: number, into: Uint8Array): void {
    into.set(this.bytes.subarray(offset, offset + into.length));
  }

  /** The memory, to be changed. */
  private get cells(): Uint8Array {
    if (this.shared) {
      this.bytes = this.bytes.slice();
      this.shared = false;
    }
    return this.bytes;
  }

  poke(offset: number, data: Uint8Array): void {
    this.cells.set(data.subarray(0, Math.max(0, this.size - offset)), offset);
  }

  read(address: number, into: Uint8Array): void {
    const start = address - this.address;
    into.set(this.bytes.subarray(start, start + into.length));
  }

  /** Erases the sector that holds `address`. @throws PowerLost @throws RangeError outside the flash */
  erase(address: number): void {
    const sector = this.sectorAt(address);
    if (!sector) throw new RangeError(`no flash sector at 0x${address.toString(16)}`);
    const duration = this.eraseTime(sector.size);
    const progress = this.begin(sector.size, duration);
    const start = sector.address - this.address;
    const cells = this.cells.subarray(start, start + sector.size);
    if (this.powered && !this.failing) cells.fill(0xff);
    else if (progress > 0) eraseInPart(cells, progress, this.operations);
    this.report('erase', sector.address, sector.size, duration * progress);
    if (this.failing) this.losePower();
  }

  /**
   * Programs words; a bit that is already 0 stays 0.
   * @param address and `data.length` are multiples of 4
   * @throws PowerLost @throws RangeError outside the flash
   */
  program(address: number, data: Uint8Array): void {
    const start = address - this.address;
    if (start < 0 || start + data.length > this.size) throw new RangeError(`no flash at 0x${address.toString(16)}`);
    const progress = this.begin(data.length, (this.timing.programWord * data.length) / 4);
    const cut = this.powered && this.failing;
    const whole = cut ? Math.floor((progress * data.length) / 4) * 4 : this.powered ? data.length : 0;
    const { cells } = this;
    for (let i = 0; i < whole; i++) cells[start + i] &= data[i];
    if (cut && progress > 0 && whole < data.length) {
      const noise = new Noise(this.operations).next();
      for (let i = 0; i < 4; i++) cells[start + whole + i] &= data[whole + i] | (noise >> (8 * i));
    }
    this.report('program', address, data.length, (this.timing.programWord * whole) / 4);
    if (cut) this.losePower();
  }

  save(): Uint8Array {
    return this.bytes.slice();
  }

  load(image: Uint8Array): void {
    if (image.length > this.size) throw new RangeError(`an image of ${image.length} bytes does not fit ${this.size} bytes of flash`);
    this.bytes = new Uint8Array(this.size).fill(0xff, image.length);
    this.bytes.set(image);
    this.shared = false;
  }

  /** As `load`, of an image of the whole medium that nobody changes: it costs nothing until this medium does. */
  share(image: Uint8Array): void {
    if (image.length !== this.size) throw new RangeError(`an image of ${image.length} bytes is not one of ${this.size} bytes of flash`);
    this.bytes = image;
    this.shared = true;
  }

  private eraseTime(size: number): number {
    const known = this.timing.erase.get(size);
    if (known !== undefined) return known;
    const [knownSize, time] = [...this.timing.erase][0] ?? [size, 0];
    return (time * size) / knownSize;
  }
}

const blanks = new Map<number, Uint8Array>();

/** The content of erased flash of that size, for all. */
function erased(size: number): Uint8Array {
  let blank = blanks.get(size);
  if (blank === undefined) blanks.set(size, (blank = new Uint8Array(size).fill(0xff)));
  return blank;
}

/** An erase that is broken off has lifted some bits to 1 and not others; which ones is the chip's secret. */
function eraseInPart(cells: Uint8Array, progress: number, seed: number): void {
  const noise = new Noise(seed);
  const threshold = Math.round(progress * 256);
  for (let i = 0; i < cells.length; i++) {
    let lifted = 0;
    const low = noise.next();
    const high = noise.next();
    for (let bit = 0; bit < 4; bit++) {
      if (((low >> (8 * bit)) & 0xff) < threshold) lifted |= 1 << bit;
      if (((high >> (8 * bit)) & 0xff) < threshold) lifted |= 0x10 << bit;
    }
    cells[i] |= lifted;
  }
}

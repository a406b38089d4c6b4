/**
 * The flash memory interface (RM0090 section 3): keys, sector erase, mass erase, programming, and their times.
 *
 * The memory behind it is one or more `FlashArray`s: the plain one that covers the chip, and others laid over parts of it,
 * such as the storage that the board's filesystem lives in.
 */
import type { Clock } from '../clock/clock.ts';
import type { AccessSize, AddressedDevice, AddressSpace } from './address-space.ts';
import { RegisterBlock } from './register-block.ts';

export const FlashRegister = { ACR: 0x00, KEYR: 0x04, OPTKEYR: 0x08, SR: 0x0c, CR: 0x10, OPTCR: 0x14 } as const;
export const FlashCr = { PG: 1, SER: 2, MER: 4, SNB: 0x78, PSIZE: 0x300, STRT: 0x1_0000, EOPIE: 0x100_0000, LOCK: 0x8000_0000 } as const;
export const FlashSr = { EOP: 1, OPERR: 2, WRPERR: 0x10, PGAERR: 0x20, PGPERR: 0x40, PGSERR: 0x80, BSY: 0x1_0000 } as const;

/** Memory that is erased by sectors and programmed by words; addresses are the chip's. */
export interface FlashArray {
  readonly address: number;
  readonly size: number;
  /** Its content; not to be written. */
  readonly memory: Uint8Array;
  contains(address: number): boolean;
  /** Erases the sector that holds the address. */
  erase(address: number): void;
  /** Clears bits. `address` and the length are multiples of 4. */
  program(address: number, data: Uint8Array): void;
}

/** Times by parallelism (DS8626 tables 43 and 44, typical, 32 bits): ns for a sector by its size, and for a word. */
const ERASE_TIME = new Map([
  [0x4000, 250_000_000],
  [0x1_0000, 550_000_000],
  [0x2_0000, 1_000_000_000],
]);
const PROGRAM_TIME = 16_000;

/** The chip's own array. Memory comes at the first access. */
export class PlainFlash implements FlashArray {
  private bytes: Uint8Array | undefined;

  constructor(
    readonly address: number,
    readonly size: number,
    private readonly sectorOf: (address: number) => { address: number; size: number } | undefined,
  ) {}

  get memory(): Uint8Array {
    return (this.bytes ??= new Uint8Array(this.size).fill(0xff));
  }

  contains(address: number): boolean {
    return address >= this.address && address < this.address + this.size;
  }

  erase(address: number): void {
    const sector = this.sectorOf(address);
    if (sector === undefined || this.bytes === undefined) return;
    this.bytes.fill(0xff, sector.address - this.address, sector.address - this.address + sector.size);
  }

  program(address: number, data: Uint8Array): void {
    const { memory } = this;
    for (let i = 0; i < data.length; i++) memory[address - this.address + i] &= data[i];
  }
}

export class FlashInterface extends RegisterBlock {
  private acr = 0;
  private cr: number = FlashCr.LOCK;
  private sr = 0;
  private optcr = 0x0fff_aaed;
  private keyStep = 0;
  private optionKeyStep = 0;
  private busyUntil = 0;
  private readonly arrays: FlashArray[] = [];

  /** @param sectors of the whole chip, ascending */
  constructor(
    private readonly clock: Clock,
    private readonly space: AddressSpace,
    private readonly sectors: readonly { address: number; size: number }[],
    private readonly interrupt: { set(active: boolean): void },
  ) {
    super('FLASH');
    const last = sectors[sectors.length - 1];
    const size = last.address + last.size - sectors[0].address;
    this.attach(new PlainFlash(sectors[0].address, size, address => this.sectorAt(address)));
  }

  /** Lays an array over the part of the flash that it covers. */
  attach(array: FlashArray): void {
    this.arrays.unshift(array);
    this.space.map(array.address, array.size, this.device(array));
  }

  /** What an array answers to the bus: reads, and writes that program. */
  device(array: FlashArray): AddressedDevice {
    return {
      unaligned: true,
      read: (offset, size) => {
        const { memory } = array;
        let value = 0;
        for (let i = size - 1; i >= 0; i--) value = value * 256 + memory[offset + i];
        return value;
      },
      write: (offset, value, size) => this.program(array.address + offset, value, size),
    };
  }

  /** The array that answers at an address. */
  arrayAt(address: number): FlashArray {
    return this.arrays.find(array => array.contains(address))!;
  }

  /** The sector that holds an address. */
  sectorAt(address: number): { address: number; size: number } | undefined {
    return this.sectors.find(sector => address >= sector.address && address < sector.address + sector.size);
  }

  override reset(): void {
    this.acr = this.sr = this.keyStep = this.optionKeyStep = this.busyUntil = 0;
    this.cr = FlashCr.LOCK;
    this.interrupt.set(false);
  }

  private get busy(): boolean {
    return this.clock.now < this.busyUntil;
  }

  override readRegister(offset: number): number {
    switch (offset) {
      case FlashRegister.ACR:
        return this.acr;
      case FlashRegister.SR:
        return this.sr | (this.busy ? FlashSr.BSY : 0);
      case FlashRegister.CR:
        return this.cr;
      case FlashRegister.OPTCR:
        return this.optcr;
    }
    return 0;
  }

  override writeRegister(offset: number, value: number): void {
    switch (offset) {
      case FlashRegister.ACR:
        this.acr = value & 0x1f07;
        break;
      case FlashRegister.KEYR:
        this.keyStep = value === [0x4567_0123, 0xcdef_89ab][this.keyStep] ? this.keyStep + 1 : 0;
        if (this.keyStep === 2) this.cr &= ~FlashCr.LOCK;
        break;
      case FlashRegister.OPTKEYR:
        this.optionKeyStep = value === [0x0819_2a3b, 0x4c5d_6e7f][this.optionKeyStep] ? this.optionKeyStep + 1 : 0;
        if (this.optionKeyStep === 2) this.optcr &= ~1;
        break;
      case FlashRegister.SR:
        this.sr &= ~value;
        break;
      case FlashRegister.CR:
        this.writeCr(value);
        break;
      case FlashRegister.OPTCR:
        if ((this.optcr & 1) === 0) this.optcr = value & 0x0fff_ffef;
        if (value & 1) this.optionKeyStep = 0;
    }
    this.interrupt.set((this.sr & FlashSr.EOP) !== 0 && (this.cr & FlashCr.EOPIE) !== 0);
  }

  /** SR's flags are cleared by writing 1, keys are not kept. */
  override peek(offset: number): number {
    return offset === FlashRegister.SR ? 0 : this.readRegister(offset);
  }

  private writeCr(value: number): void {
    if (this.cr & FlashCr.LOCK || this.busy) return;
    this.cr = (value & ~FlashCr.STRT) >>> 0;
    if (value & FlashCr.LOCK) this.keyStep = 0;
    if ((value & FlashCr.STRT) === 0) return;
    if (value & FlashCr.MER) for (const sector of this.sectors) this.erase(sector);
    else if (value & FlashCr.SER) {
      const sector = this.sectors[(value & FlashCr.SNB) >> 3];
      if (sector === undefined) this.sr |= FlashSr.OPERR;
      else this.erase(sector);
    }
  }

  private erase(sector: { address: number; size: number }): void {
    this.arrayAt(sector.address).erase(sector.address);
    this.occupy(ERASE_TIME.get(sector.size) ?? 0);
  }

  /** A write to an address of the flash: programs it if CR says so. */
  private program(address: number, value: number, size: AccessSize): void {
    if (this.cr & FlashCr.LOCK || (this.cr & FlashCr.PG) === 0) {
      this.sr |= FlashSr.PGSERR;
      return;
    }
    if ((this.cr & FlashCr.PSIZE) >> 8 !== size >> 1) {
      this.sr |= FlashSr.PGPERR;
      return;
    }
    const word = address & ~3;
    const data = new Uint8Array(4).fill(0xff);
    for (let i = 0; i < size; i++) data[(address & 3) + i] = value >>> (8 * i);
    this.arrayAt(word).program(word, data);
    this.occupy(PROGRAM_TIME);
  }

  private occupy(duration: number): void {
    this.busyUntil = Math.max(this.clock.now, this.busyUntil) + duration;
    this.clock.at(this.busyUntil, () => {
      if (this.busy) return;
      // EOP is only set where its interrupt is enabled (RM0090 section 3.9.5).
      if (this.cr & FlashCr.EOPIE) this.sr |= FlashSr.EOP;
      this.interrupt.set((this.sr & FlashSr.EOP) !== 0);
    });
  }
}

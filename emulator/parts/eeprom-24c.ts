/**
 * Serial EEPROMs of the 24C family (data sheets of AT24C02 to AT24C512). After a write they do not answer until the page
 * has been written. The data sheets promise 5 ms at most (tWR); chips are faster, and drivers that wait with `sleep_ms(5)`,
 * which lasts 4 to 5 ms, rely on that. The `write-time` control makes one as slow as it may be.
 */
import { I2cPart } from './i2c-part.ts';
import type { PartBench } from './part.ts';

/** Bytes, bytes of a page, and bytes of a word address; smaller ones have the upper address bits in their bus address. */
const MODELS = {
  '24C02': { size: 0x100, page: 8, addressBytes: 1 },
  '24C04': { size: 0x200, page: 16, addressBytes: 1 },
  '24C08': { size: 0x400, page: 16, addressBytes: 1 },
  '24C16': { size: 0x800, page: 16, addressBytes: 1 },
  '24C32': { size: 0x1000, page: 32, addressBytes: 2 },
  '24C64': { size: 0x2000, page: 32, addressBytes: 2 },
  '24C128': { size: 0x4000, page: 64, addressBytes: 2 },
  '24C256': { size: 0x8000, page: 64, addressBytes: 2 },
  '24C512': { size: 0x1_0000, page: 128, addressBytes: 2 },
} as const;

export type EepromModel = keyof typeof MODELS;

export class Eeprom24C extends I2cPart {
  /** What it holds. */
  readonly bytes: Uint8Array;
  private readonly size: number;
  private readonly page: number;
  private readonly addressBytes: number;
  private readonly writeTime: { readonly value: number };
  private readonly writeProtect: { readonly value: boolean };
  private pointer = 0;
  private addressLeft = 0;
  private pending: { address: number; byte: number }[] = [];
  private busyUntil = 0;

  /** @param selected what the address pins say, 0 to 7 */
  constructor(
    bench: PartBench,
    name: string,
    model: EepromModel = '24C32',
    private readonly selected = 0,
  ) {
    super(bench, name);
    ({ size: this.size, page: this.page, addressBytes: this.addressBytes } = MODELS[model]);
    this.bytes = new Uint8Array(this.size).fill(0xff);
    this.writeTime = this.addNumber('write-time', {
      description: 'how long it takes to write a page',
      unit: 'ms',
      initial: 3.5,
      min: 0,
      max: 100,
    });
    const protect = { value: false };
    this.writeProtect = protect;
    this.addControl('write-protect', {
      description: 'whether its WP pin is high',
      type: 'boolean',
      get: () => protect.value,
      set: value => {
        protect.value = value as boolean;
      },
    });
    this.addControl('content', {
      description: 'what it holds, from address 0',
      type: 'bytes',
      get: () => this.bytes.slice(),
      set: value => this.bytes.set((value as Uint8Array).subarray(0, this.size)),
    });
    this.addReading('content', { description: 'what it holds', read: () => this.bytes.slice() });
    this.addReading('busy', { description: 'whether it is writing', read: () => this.isBusy });
  }

  private get isBusy(): boolean {
    return this.clock.now < this.busyUntil;
  }

  /** Bits of the bus address that select a block of 256 bytes. */
  private get blockMask(): number {
    return this.addressBytes === 1 ? this.size / 256 - 1 : 0;
  }

  protected override addressed(address: number, read: boolean): boolean {
    const mask = this.blockMask;
    if ((address & ~mask) !== ((0x50 | this.selected) & ~mask) || this.isBusy) return false;
    if (this.addressBytes === 1) this.pointer = (this.pointer & 0xff) | ((address & mask) << 8);
    if (!read) this.addressLeft = this.addressBytes;
    this.pending = [];
    return true;
  }

  protected override written(byte: number): boolean {
    if (this.addressLeft > 0) {
      const shift = 8 * --this.addressLeft;
      this.pointer = ((this.pointer & ~(0xff << shift)) | (byte << shift)) % this.size;
      return true;
    }
    if (this.writeProtect.value) return false;
    this.pending.push({ address: this.pointer, byte });
    // Within a page the address rolls over.
    const { page } = this;
    this.pointer = (this.pointer & ~(page - 1)) | ((this.pointer + 1) & (page - 1));
    return true;
  }

  protected override nextByte(): number {
    const byte = this.bytes[this.pointer];
    this.pointer = (this.pointer + 1) % this.size;
    return byte;
  }

  protected override stopped(): void {
    if (this.pending.length === 0) return;
    for (const { address, byte } of this.pending) this.bytes[address] = byte;
    this.pending = [];
    this.busyUntil = this.clock.now + this.writeTime.value * 1e6;
  }
}

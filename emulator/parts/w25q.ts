/**
 * SPI flash memories of the W25Q family (data sheet W25Q128FV): 256-byte pages, sectors of 4 KiB, blocks of 32 and 64 KiB.
 * While it writes or erases it answers to nothing but a question for its status. An operation that loses its supply half-way has changed
 * the first part of its bytes (the data sheet promises nothing; section 8.2 advises to keep the supply until BUSY falls).
 */
import { SpiPort, type SpiTarget } from '../peripherals/spi-bus.ts';
import { Part, type PartBench } from './part.ts';

const MODELS = {
  W25Q16: { size: 0x20_0000, capacity: 0x15 },
  W25Q32: { size: 0x40_0000, capacity: 0x16 },
  W25Q64: { size: 0x80_0000, capacity: 0x17 },
  W25Q128: { size: 0x100_0000, capacity: 0x18 },
} as const;

export type W25qModel = keyof typeof MODELS;

const PAGE = 256;
const SECTOR = 4096;

/** ns, typical: AC characteristics. */
const TIME = {
  page: 700_000,
  sector: 45_000_000,
  block32: 120_000_000,
  block64: 150_000_000,
  chip: 40_000_000_000,
  status: 10_000_000,
} as const;

const BUSY = 1;
const WRITE_ENABLED = 2;

export class W25q extends Part implements SpiTarget {
  private readonly size: number;
  private readonly capacity: number;
  /** sectors that were ever programmed; the others are erased */
  private readonly sectors = new Map<number, Uint8Array>();
  private status = 0;
  private busyUntil = 0;
  private poweredDown = false;
  private command = -1;
  private position = 0;
  private address = 0;
  private page: { address: number; bytes: Map<number, number> } | undefined;
  private newStatus = -1;
  private readonly corruption: { readonly value: number };
  /** The operation that is going on: how long it takes (ns), and how its bytes were, by address. */
  private operation: { readonly time: number; readonly before: ReadonlyMap<number, Uint8Array> } | undefined;

  /** Pins `sck`, `mosi`, `miso` and `cs`. */
  constructor(bench: PartBench, name: string, model: W25qModel = 'W25Q32') {
    super(bench, name);
    ({ size: this.size, capacity: this.capacity } = MODELS[model]);
    const [sck, mosi, miso, select] = ['sck', 'mosi', 'miso', 'cs'].map(pin => this.addPin(pin));
    // Modes 0 and 3 are one for it: it samples at rising edges.
    new SpiPort({ sck, mosi, miso, select }, this, { polarity: 0, phase: 0 }, bench.netlist.spiPorts);
    this.addFlagFault('silent', 'it does not answer');
    this.addFault('unpowered', {
      description: 'its supply is gone; what it was writing or erasing stays half done',
      begin: () => this.losePower(),
      end: () => {},
    });
    this.addFlagFault('write-fails', 'what is programmed or erased does not change');
    this.corruption = this.addAmountFault('noise', 'bytes that are read from it are now and then wrong', 'share of bytes, 0 to 1');
    this.addReading('busy', { description: 'whether it writes or erases', read: () => this.isBusy });
  }

  /** What it holds at an address. */
  contentAt(address: number, length: number): Uint8Array {
    return Uint8Array.from({ length }, (_, i) => this.byteAt((address + i) % this.size));
  }

  private get isBusy(): boolean {
    return this.clock.now < this.busyUntil;
  }

  private byteAt(address: number): number {
    return this.sectors.get(Math.floor(address / SECTOR))?.[address % SECTOR] ?? 0xff;
  }

  select(): void {
    this.command = -1;
    this.position = this.address = 0;
    this.page = undefined;
    this.newStatus = -1;
  }

  /** What changes the memory begins when it is deselected. */
  deselect(): void {
    const { command } = this;
    if (this.isBusy || this.poweredDown || this.isMute) return;
    const enabled = (this.status & WRITE_ENABLED) !== 0;
    if (command === 0x02 && this.page !== undefined && enabled) this.program();
    else if (command === 0x01 && this.newStatus >= 0 && enabled) {
      this.status = this.newStatus & 0xfc;
      this.occupy(TIME.status);
    } else if (enabled && this.position === 3 && command === 0x20) this.erase(SECTOR, TIME.sector);
    else if (enabled && this.position === 3 && command === 0x52) this.erase(0x8000, TIME.block32);
    else if (enabled && this.position === 3 && command === 0xd8) this.erase(0x1_0000, TIME.block64);
    else if (enabled && (command === 0xc7 || command === 0x60)) {
      this.address = 0;
      this.erase(this.size, TIME.chip);
    }
  }

  /** Whether nothing comes from it. */
  private get isMute(): boolean {
    return this.isFaulty('silent') || this.isFaulty('unpowered');
  }

  input(byte: number): void {
    if (this.isMute) return;
    if (this.command < 0) {
      this.begin(byte);
      return;
    }
    const { command } = this;
    if (this.takesAddress && this.position < 3) {
      this.address = ((this.address << 8) | byte) % this.size;
      this.position++;
      return;
    }
    if (command === 0x02 && !this.isBusy) {
      this.page ??= { address: this.address & ~(PAGE - 1), bytes: new Map() };
      this.page.bytes.set((this.address + this.position - 3) % PAGE, byte);
    } else if (command === 0x01 && this.newStatus < 0) this.newStatus = byte;
    this.position++;
  }

  output(): number {
    if (this.isMute || this.command < 0) return 0xff;
    const byte = this.answer();
    return this.corruption.value > 0 && this.random.fraction() < this.corruption.value ? byte ^ (1 << this.random.between(0, 7)) : byte;
  }

  private begin(command: number): void {
    if (this.isBusy && command !== 0x05 && command !== 0x35) {
      this.command = 0;
      return;
    }
    if (this.poweredDown && command !== 0xab) {
      this.command = 0;
      return;
    }
    this.command = command;
    if (command === 0x06) this.status |= WRITE_ENABLED;
    else if (command === 0x04) this.status &= ~WRITE_ENABLED;
    else if (command === 0xb9) this.poweredDown = true;
    else if (command === 0xab) this.poweredDown = false;
  }

  private get takesAddress(): boolean {
    return [0x02, 0x03, 0x0b, 0x20, 0x52, 0xd8, 0x90, 0x4b].includes(this.command);
  }

  private answer(): number {
    const { position } = this;
    switch (this.command) {
      case 0x03:
        return position >= 3 ? this.byteAt((this.address + position - 3) % this.size) : 0xff;
      case 0x0b:
        return position >= 4 ? this.byteAt((this.address + position - 4) % this.size) : 0xff;
      case 0x05:
        return this.status | (this.isBusy ? BUSY : 0);
      case 0x9f:
        return [0xef, 0x40, this.capacity][position % 3];
      case 0x90:
        return position >= 3 ? [0xef, this.capacity - 1][(position - 3 + this.address) % 2] : 0xff;
      case 0xab:
        return position >= 3 ? this.capacity - 1 : 0xff;
      case 0x4b:
        return position >= 4 ? (this.random.seed >>> (8 * (position % 4))) & 0xff : 0xff;
    }
    return 0xff;
  }

  private program(): void {
    const { address, bytes } = this.page!;
    const before = this.contentAt(address, PAGE);
    if (!this.isFaulty('write-fails')) {
      const after = before.slice();
      for (const [offset, byte] of bytes) after[offset] &= byte;
      this.store(address, after);
    }
    this.occupy(TIME.page, new Map([[address, before]]));
  }

  private erase(size: number, time: number): void {
    const first = Math.floor(this.address / size) * (size / SECTOR);
    const before = new Map<number, Uint8Array>();
    if (!this.isFaulty('write-fails')) {
      for (const [sector, content] of this.sectors) {
        if (sector < first || sector >= first + size / SECTOR) continue;
        before.set(sector * SECTOR, content);
        this.sectors.delete(sector);
      }
    }
    this.occupy(time, before);
  }

  /** Puts bytes of one sector into the array. */
  private store(address: number, bytes: Uint8Array): void {
    const sector = Math.floor(address / SECTOR);
    const content = this.sectors.get(sector) ?? new Uint8Array(SECTOR).fill(0xff);
    content.set(bytes, address % SECTOR);
    this.sectors.set(sector, content);
  }

  private occupy(time: number, before?: ReadonlyMap<number, Uint8Array>): void {
    this.busyUntil = this.clock.now + time;
    this.status &= ~WRITE_ENABLED;
    this.operation = before && { time, before };
  }

  private losePower(): void {
    if (this.isBusy && this.operation !== undefined) {
      const done = 1 - (this.busyUntil - this.clock.now) / this.operation.time;
      for (const [address, before] of this.operation.before) {
        const kept = Math.floor(before.length * done);
        this.store(address + kept, before.slice(kept));
      }
    }
    this.operation = undefined;
    this.busyUntil = this.clock.now;
    this.status &= ~WRITE_ENABLED;
    this.poweredDown = false;
    this.command = -1;
  }
}

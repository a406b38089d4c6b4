/**
 * An SD card in SPI mode (SD Specifications part 1, Physical Layer Simplified Specification 9.00, chapter 7): initialisation,
 * single and multiple blocks, registers, and the time that writing takes.
 *
 * A card of up to 2 GB has standard capacity and is addressed by bytes, a larger one has high capacity and is addressed by
 * blocks.
 */
import { SpiPort, type SpiTarget } from '../peripherals/spi-bus.ts';
import { Part, type PartBench } from './part.ts';

const BLOCK = 512;

/** R1 (section 7.3.2.1). */
const R1 = { IDLE: 1, ILLEGAL: 4, CRC: 8, ADDRESS: 0x20, PARAMETER: 0x40 } as const;
const START_BLOCK = 0xfe;
const START_MULTIPLE = 0xfc;
const STOP_MULTIPLE = 0xfd;
const ACCEPTED = 0x05;
const REFUSED_WRITE = 0x0d;
const REFUSED_CRC = 0x0b;
const OUT_OF_RANGE = 0x08;

/** ns. The specification allows a card 1 s to initialise, 100 ms to read and 250 ms to write; ordinary ones are faster. */
const TIME = { initialise: 40_000_000, read: 300_000, write: 2_000_000 } as const;

type Phase = 'command' | 'write-token' | 'write-data';

export class SdCardSpi extends Part implements SpiTarget {
  private readonly blocks: number;
  private readonly highCapacity: boolean;
  private readonly content = new Map<number, Uint8Array>();
  private readonly frame: number[] = [];
  private readonly answers: number[] = [];
  private phase: Phase = 'command';
  private idle = true;
  private ready = false;
  private isSdMode = true;
  private readyAt = Infinity;
  private appNext = false;
  private checksCrc = false;
  private blockLength = BLOCK;
  private busyUntil = 0;
  private readAt = -1;
  private dataAt = 0;
  private writeAt = 0;
  private multiple = false;
  private data: number[] = [];
  private written = 0;
  private selected = false;
  private readonly failing: { readonly value: number };

  /** Pins `sck`, `mosi`, `miso` and `cs`. @param megabytes its size */
  constructor(bench: PartBench, name: string, megabytes = 4096) {
    super(bench, name);
    this.blocks = Math.floor((megabytes * 2048) / 1024) * 1024;
    this.highCapacity = megabytes > 2048;
    const [sck, mosi, miso, select] = ['sck', 'mosi', 'miso', 'cs'].map(pin => this.addPin(pin));
    miso.setPull(50_000, bench.netlist.supply);
    new SpiPort({ sck, mosi, miso, select }, this, { polarity: 0, phase: 0 }, bench.netlist.spiPorts);
    this.addReading('initialised', { description: 'whether it is ready for data', read: () => this.ready });
    this.addReading('writes', { description: 'blocks that were written to it', read: () => this.written });
    this.addReading('blocks', { description: 'its size in blocks of 512 bytes', read: () => this.blocks });
    this.addControl('content', {
      description: 'what it holds, from block 0; read back up to the last block that was written',
      type: 'bytes',
      get: () => this.contents(),
      set: value => this.fill(value as Uint8Array),
    });
    this.addFlagFault('silent', 'it does not answer');
    this.addFlagFault('write-fails', 'it refuses what is written');
    this.failing = this.addAmountFault('noise', 'blocks that are read from it are now and then wrong', 'share of blocks, 0 to 1');
  }

  /** A block of its memory. */
  blockAt(block: number): Uint8Array {
    return this.content.get(block) ?? new Uint8Array(BLOCK);
  }

  private contents(): Uint8Array {
    const count = Math.max(-1, ...this.content.keys()) + 1;
    const bytes = new Uint8Array(count * BLOCK);
    for (const [block, data] of this.content) bytes.set(data, block * BLOCK);
    return bytes;
  }

  private fill(bytes: Uint8Array): void {
    this.content.clear();
    for (let block = 0; block * BLOCK < bytes.length && block < this.blocks; block++) {
      const data = new Uint8Array(BLOCK);
      data.set(bytes.subarray(block * BLOCK, (block + 1) * BLOCK));
      this.content.set(block, data);
    }
  }

  select(): void {
    this.selected = true;
    this.frame.length = 0;
  }

  /** What it was to say is lost; what it writes goes on. */
  deselect(): void {
    this.selected = false;
    this.frame.length = 0;
    this.answers.length = 0;
  }

  output(): number {
    if (this.isFaulty('silent') || this.isSdMode) return 0xff;
    if (this.answers.length > 0) return this.answers.shift()!;
    if (this.clock.now < this.busyUntil) return 0;
    if (this.readAt >= 0 && this.clock.now >= this.dataAt) {
      this.queueBlock();
      return this.answers.shift()!;
    }
    return 0xff;
  }

  input(byte: number): void {
    if (this.isFaulty('silent') || !this.selected) return;
    if (this.phase === 'write-data') {
      this.takeData(byte);
      return;
    }
    if (this.phase === 'write-token' && this.frame.length === 0) {
      if (byte === (this.multiple ? START_MULTIPLE : START_BLOCK)) {
        this.phase = 'write-data';
        this.data = [];
        return;
      }
      if (this.multiple && byte === STOP_MULTIPLE) {
        this.phase = 'command';
        // A byte passes before it is busy (section 7.2.4).
        this.answers.push(0xff);
        this.busyUntil = this.clock.now + TIME.write;
        return;
      }
    }
    if (this.frame.length === 0 && (byte & 0xc0) !== 0x40) return;
    this.frame.push(byte);
    if (this.frame.length < 6) return;
    const [first, a, b, c, d, crc] = this.frame;
    this.frame.length = 0;
    this.phase = 'command';
    const command = first & 0x3f;
    // CMD0 and CMD8 always carry a checksum (section 7.2.2).
    if ((this.checksCrc || command === 0 || command === 8) && crc !== ((crc7([first, a, b, c, d]) << 1) | 1)) {
      this.respond(this.state | R1.CRC);
      return;
    }
    this.execute(command, ((a << 24) | (b << 16) | (c << 8) | d) >>> 0);
  }

  private get state(): number {
    return this.idle ? R1.IDLE : 0;
  }

  /** A response after one byte of waiting (N_CR is 1 to 8 bytes). */
  private respond(r1: number, ...more: number[]): void {
    this.answers.length = 0;
    this.answers.push(0xff, r1, ...more);
  }

  private execute(command: number, argument: number): void {
    const app = this.appNext;
    this.appNext = false;
    if (this.isSdMode && command !== 0) return;
    if (app && command === 41) {
      this.initialise(argument);
      return;
    }
    if (this.idle && ![0, 1, 8, 55, 58, 59].includes(command)) {
      this.respond(this.state | R1.ILLEGAL);
      return;
    }
    const bytes4 = (value: number) => [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
    switch (command) {
      case 0:
        this.isSdMode = this.ready = this.checksCrc = false;
        this.idle = true;
        this.readyAt = Infinity;
        this.readAt = -1;
        this.blockLength = BLOCK;
        this.respond(R1.IDLE);
        return;
      case 1:
        this.initialise(0x4000_0000);
        return;
      case 8:
        this.respond(this.state, 0, 0, (argument >> 8) & 15, argument & 0xff);
        return;
      case 9:
        this.respondRegister(this.csd);
        return;
      case 10:
        this.respondRegister(CID);
        return;
      case 12:
        this.readAt = -1;
        // The byte after the command belongs to the data that was under way (section 7.3.2).
        this.respond(this.state);
        return;
      case 13:
        this.respond(this.state, 0);
        return;
      case 16:
        if (argument !== BLOCK && this.highCapacity) this.respond(this.state | R1.PARAMETER);
        else {
          this.blockLength = argument;
          this.respond(this.state);
        }
        return;
      case 17:
      case 18:
      case 24:
      case 25:
        this.access(command, argument);
        return;
      case 55:
        this.appNext = true;
        this.respond(this.state);
        return;
      case 58:
        // Powered up, high capacity, 2.7 to 3.6 V.
        this.respond(
          this.state,
          ...bytes4(((this.ready ? 0x8000_0000 : 0) | (this.ready && this.highCapacity ? 0x4000_0000 : 0) | 0xff_8000) >>> 0),
        );
        return;
      case 59:
        this.checksCrc = (argument & 1) === 1;
        this.respond(this.state);
        return;
    }
    this.respond(this.state | R1.ILLEGAL);
  }

  /** ACMD41: a host that knows no high capacity is never done with such a card. */
  private initialise(argument: number): void {
    if (this.readyAt === Infinity) this.readyAt = this.clock.now + TIME.initialise;
    if (this.clock.now >= this.readyAt && (!this.highCapacity || argument & 0x4000_0000)) {
      this.idle = false;
      this.ready = true;
    }
    this.respond(this.state);
  }

  private access(command: number, argument: number): void {
    const block = this.highCapacity ? argument : argument / BLOCK;
    if (!Number.isInteger(block) || this.blockLength !== BLOCK) {
      this.respond(this.state | R1.ADDRESS);
      return;
    }
    if (block >= this.blocks) {
      this.respond(this.state | R1.PARAMETER);
      return;
    }
    this.multiple = command === 18 || command === 25;
    this.respond(this.state);
    if (command < 20) {
      this.readAt = block;
      this.dataAt = this.clock.now + TIME.read;
    } else {
      this.writeAt = block;
      this.phase = 'write-token';
    }
  }

  private queueBlock(): void {
    const block = this.readAt;
    if (block >= this.blocks) {
      this.readAt = -1;
      this.answers.push(OUT_OF_RANGE);
      return;
    }
    const data = this.blockAt(block).slice();
    if (this.failing.value > 0 && this.random.fraction() < this.failing.value) data[this.random.between(0, BLOCK - 1)] ^= 0x10;
    const crc = crc16(data);
    this.answers.push(START_BLOCK, ...data, crc >> 8, crc & 0xff);
    this.readAt = this.multiple ? block + 1 : -1;
    this.dataAt = this.clock.now + TIME.read;
  }

  private takeData(byte: number): void {
    this.data.push(byte);
    if (this.data.length < BLOCK + 2) return;
    const data = Uint8Array.from(this.data.slice(0, BLOCK));
    const crc = (this.data[BLOCK] << 8) | this.data[BLOCK + 1];
    this.phase = this.multiple ? 'write-token' : 'command';
    this.data = [];
    if (this.checksCrc && crc !== crc16(data)) this.answers.push(REFUSED_CRC);
    else if (this.isFaulty('write-fails') || this.writeAt >= this.blocks) this.answers.push(REFUSED_WRITE);
    else {
      this.content.set(this.writeAt++, data);
      this.written++;
      this.answers.push(ACCEPTED);
      this.busyUntil = this.clock.now + TIME.write;
    }
  }

  private respondRegister(register: readonly number[]): void {
    const bytes = Uint8Array.from(register);
    const crc = crc16(bytes);
    this.respond(this.state, 0xff, START_BLOCK, ...bytes, crc >> 8, crc & 0xff);
  }

  /** Card-specific data, version 1.0 or 2.0 (section 5.3). */
  private get csd(): number[] {
    const fields = new BitWriter(128);
    const { blocks } = this;
    if (this.highCapacity) {
      fields.put(126, 1);
      fields.put(80, 9);
      fields.put(48, blocks / 1024 - 1);
    } else {
      // (C_SIZE + 1) · 2^(C_SIZE_MULT + 2) blocks of 2^READ_BL_LEN bytes; 1024-byte blocks reach 2 GB.
      fields.put(80, 10);
      fields.put(62, blocks / 1024 - 1);
      fields.put(47, 7);
    }
    fields.put(112, 0x0e);
    fields.put(96, 0x32);
    fields.put(84, 0x5b5);
    fields.put(22, this.highCapacity ? 9 : 10);
    return fields.withChecksum();
  }
}

/** A register of the card, its highest bit first. */
class BitWriter {
  private value = 0n;

  constructor(private readonly bits: number) {}

  /** @param at the lowest bit of the field */
  put(at: number, value: number): void {
    this.value |= BigInt(value) << BigInt(at);
  }

  withChecksum(): number[] {
    const bytes = Array.from({ length: this.bits / 8 }, (_, index) => Number((this.value >> BigInt(this.bits - 8 * (index + 1))) & 0xffn));
    bytes[bytes.length - 1] = (crc7(bytes.slice(0, -1)) << 1) | 1;
    return bytes;
  }
}

/** Manufacturer 0, "BS", product "VCARD", revision 1.0, serial number 1, January 2026 (section 5.2). */
const CID = (() => {
  const bytes = [0, 0x42, 0x53, 0x56, 0x43, 0x41, 0x52, 0x44, 0x10, 0, 0, 0, 1, 0x01, 0xa1];
  return [...bytes, (crc7(bytes) << 1) | 1];
})();

/** Section 4.5. */
function crc7(bytes: readonly number[]): number {
  let crc = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const feedback = ((crc >> 6) ^ (byte >> bit)) & 1;
      crc = ((crc << 1) & 0x7f) ^ (feedback ? 0x09 : 0);
    }
  }
  return crc;
}

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

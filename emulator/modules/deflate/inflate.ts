/**
 * Decompression (RFC 1950 to 1952) the way MicroPython's library does it: byte by byte from a source that may fail at any
 * byte, into a window that the caller chose. How far the source has been read, and what malformed data gives, are observable.
 */
import { adler32, crc32Register } from './checksum.ts';

export enum InflateResult {
  More = 0,
  Done = 1,
  DataError = -3,
  ChecksumError = -4,
  WindowError = -5,
}

export enum Wrapper {
  None,
  Zlib,
  Gzip,
}

const MAX_CODE_LENGTH = 15;
const END_OF_BLOCK = 256;
const LENGTH_CODES = 29;
const DISTANCE_CODES = 30;

/** Extra bits and base of each length code and each distance code (RFC 1951, section 3.2.5). */
function codeTable(count: number, base: number, perStep: number): { bits: number[]; base: number[] } {
  const table = { bits: [] as number[], base: [] as number[] };
  for (let code = 0; code < count; code++) {
    const bits = Math.max(0, Math.floor(code / perStep) - 1);
    table.bits.push(bits);
    table.base.push(base);
    base += 1 << bits;
  }
  return table;
}
const lengths = codeTable(LENGTH_CODES, 3, 4);
lengths.bits[28] = 0;
lengths.base[28] = 258;
const distances = codeTable(DISTANCE_CODES, 1, 2);

/** The order in which lengths of the code-length codes are sent (RFC 1951, section 3.2.7). */
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

class HuffmanTree {
  /** How many codes there are of each length. */
  readonly counts = new Uint16Array(MAX_CODE_LENGTH + 1);
  /** Symbols in the order of their codes. */
  readonly symbols = new Uint16Array(288);

  build(codeLengths: Uint8Array): void {
    const { counts, symbols } = this;
    counts.fill(0);
    for (const length of codeLengths) counts[length]++;
    counts[0] = 0;
    const next = new Uint16Array(MAX_CODE_LENGTH + 1);
    for (let length = 1; length <= MAX_CODE_LENGTH; length++) next[length] = next[length - 1] + counts[length - 1];
    codeLengths.forEach((length, symbol) => {
      if (length > 0) symbols[next[length]++] = symbol;
    });
  }
}

const fixedLiteralLengths = Uint8Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
const fixedDistanceLengths = new Uint8Array(32).fill(5);

export class Inflater {
  private window = new Uint8Array(0);
  private windowAt = 0;
  private bits = 0;
  private bitCount = 0;
  private blockType = -1;
  private finalBlock = false;
  /** Bytes left of the current copy, or of a stored block plus one. */
  private left = 0;
  private copyFrom = 0;
  private readonly literals = new HuffmanTree();
  private readonly distanceTree = new HuffmanTree();
  private wrapper = Wrapper.None;
  private checksum = 0;

  /** @param nextByte gives the next byte of the source; may throw, and reading can go on afterwards */
  constructor(private readonly nextByte: () => number) {}

  /** Reads a zlib or gzip header. Returns what it was and the size of its window as a power of two, or undefined when it is neither. */
  readHeader(): { wrapper: Wrapper.Zlib | Wrapper.Gzip; windowBits: number } | undefined {
    const first = this.nextByte();
    const second = this.nextByte();
    if (first === 0x1f && second === 0x8b) return this.gzipHeader() ? { wrapper: Wrapper.Gzip, windowBits: 15 } : undefined;
    if ((256 * first + second) % 31 !== 0 || (first & 0x0f) !== 8 || first >> 4 > 7 || (second & 0x20) !== 0) return undefined;
    this.wrapper = Wrapper.Zlib;
    this.checksum = 1;
    return { wrapper: Wrapper.Zlib, windowBits: (first >> 4) + 8 };
  }

  private gzipHeader(): boolean {
    const { nextByte } = this;
    const skip = (count: number) => {
      for (let i = 0; i < count; i++) nextByte();
    };
    const uint16 = () => nextByte() + 256 * nextByte();
    if (nextByte() !== 8) return false;
    const flags = nextByte();
    if ((flags & 0xe0) !== 0) return false;
    skip(6);
    if ((flags & 4) !== 0) skip(uint16());
    if ((flags & 8) !== 0) while (nextByte() !== 0);
    if ((flags & 16) !== 0) while (nextByte() !== 0);
    if ((flags & 2) !== 0) uint16();
    this.wrapper = Wrapper.Gzip;
    this.checksum = 0xffffffff;
    return true;
  }

  /** Makes the window, of 2 to the power of `windowBits` bytes. */
  start(windowBits: number): void {
    this.window = new Uint8Array(2 ** windowBits);
  }

  /** Fills `into` as far as the data goes; at their end checks the wrapper's checksum. */
  read(into: Uint8Array): { result: InflateResult; length: number } {
    const out = { bytes: into, length: 0 };
    const result = this.inflate(out);
    if (result < 0) return { result, length: out.length };
    const done = result === InflateResult.Done;
    const fresh = into.subarray(0, out.length);
    if (this.wrapper === Wrapper.Zlib) {
      this.checksum = adler32(fresh, this.checksum);
      if (done && this.uint32(true) !== this.checksum) return { result: InflateResult.ChecksumError, length: out.length };
    } else if (this.wrapper === Wrapper.Gzip) {
      this.checksum = crc32Register(fresh, this.checksum);
      if (done) {
        if (this.uint32(false) !== ~this.checksum >>> 0) return { result: InflateResult.ChecksumError, length: out.length };
        // The uncompressed size: read, but not compared.
        this.uint32(false);
      }
    }
    return { result, length: out.length };
  }

  private inflate(out: { bytes: Uint8Array; length: number }): InflateResult {
    do {
      if (this.blockType === -1) {
        const failure = this.startBlock();
        if (failure !== InflateResult.More) return failure;
      }
      let result: InflateResult;
      for (;;) {
        if (this.blockType === 0) result = this.storedByte(out);
        else if (this.blockType <= 2) result = this.codedByte(out);
        else return InflateResult.DataError;
        if (result !== InflateResult.Done || this.finalBlock) break;
        // The block ended without a byte: go on with the next one.
        const failure = this.startBlock();
        if (failure !== InflateResult.More) return failure;
      }
      if (result !== InflateResult.More) return result;
    } while (out.length < out.bytes.length);
    return InflateResult.More;
  }

  private startBlock(): InflateResult {
    this.finalBlock = this.bit() === 1;
    this.blockType = this.number(2, 0);
    if (this.blockType === 1) {
      this.literals.build(fixedLiteralLengths);
      this.distanceTree.build(fixedDistanceLengths);
    } else if (this.blockType === 2) return this.readTrees();
    return InflateResult.More;
  }

  private put(out: { bytes: Uint8Array; length: number }, byte: number): void {
    // A caller that asks for no bytes at all gets none.
    if (out.length < out.bytes.length) out.bytes[out.length] = byte;
    out.length++;
    this.window[this.windowAt++] = byte;
    if (this.windowAt === this.window.length) this.windowAt = 0;
  }

  private codedByte(out: { bytes: Uint8Array; length: number }): InflateResult {
    if (this.left === 0) {
      const symbol = this.symbol(this.literals);
      // An invalid code counts as a literal: its number, cut to a byte.
      if (symbol < END_OF_BLOCK) {
        this.put(out, symbol & 0xff);
        return InflateResult.More;
      }
      if (symbol === END_OF_BLOCK) return InflateResult.Done;
      const code = symbol - END_OF_BLOCK - 1;
      if (code >= LENGTH_CODES) return InflateResult.DataError;
      this.left = this.number(lengths.bits[code], lengths.base[code]);
      const distanceCode = this.symbol(this.distanceTree);
      if (distanceCode >= DISTANCE_CODES || distanceCode < 0) return InflateResult.DataError;
      const distance = this.number(distances.bits[distanceCode], distances.base[distanceCode]);
      if (distance > this.window.length) return InflateResult.WindowError;
      this.copyFrom = this.windowAt - distance;
      if (this.copyFrom < 0) this.copyFrom += this.window.length;
    }
    this.put(out, this.window[this.copyFrom]);
    if (++this.copyFrom === this.window.length) this.copyFrom = 0;
    this.left--;
    return InflateResult.More;
  }

  private storedByte(out: { bytes: Uint8Array; length: number }): InflateResult {
    if (this.left === 0) {
      const length = this.nextByte() + 256 * this.nextByte();
      const inverted = this.nextByte() + 256 * this.nextByte();
      if (length !== (~inverted & 0xffff)) return InflateResult.DataError;
      this.left = length + 1;
      this.bitCount = 0;
    }
    if (--this.left === 0) return InflateResult.Done;
    this.put(out, this.nextByte());
    return InflateResult.More;
  }

  private readTrees(): InflateResult {
    const literalCount = this.number(5, 257);
    const distanceCount = this.number(5, 1);
    const lengthCodes = this.number(4, 4);
    const codeLengths = new Uint8Array(19);
    for (let i = 0; i < lengthCodes; i++) codeLengths[CODE_LENGTH_ORDER[i]] = this.number(3, 0);
    this.literals.build(codeLengths);
    const total = literalCount + distanceCount;
    const all = new Uint8Array(total);
    for (let at = 0; at < total; ) {
      const symbol = this.symbol(this.literals);
      if (symbol < 0) return InflateResult.DataError;
      let fill = 0;
      let count: number;
      if (symbol < 16) {
        all[at++] = symbol;
        continue;
      }
      if (symbol === 16) {
        if (at === 0) return InflateResult.DataError;
        fill = all[at - 1];
        count = this.number(2, 3);
      } else if (symbol === 17) count = this.number(3, 3);
      else count = this.number(7, 11);
      if (at + count > total) return InflateResult.DataError;
      all.fill(fill, at, at + count);
      at += count;
    }
    this.literals.build(all.subarray(0, literalCount));
    this.distanceTree.build(all.subarray(literalCount));
    return InflateResult.More;
  }

  private symbol(tree: HuffmanTree): number {
    let sum = 0;
    let code = 0;
    let length = 0;
    do {
      code = 2 * code + this.bit();
      if (++length === MAX_CODE_LENGTH + 1) return InflateResult.DataError;
      sum += tree.counts[length];
      code -= tree.counts[length];
    } while (code >= 0);
    sum += code;
    return sum >= 0 && sum < tree.symbols.length ? tree.symbols[sum] : InflateResult.DataError;
  }

  private bit(): number {
    if (this.bitCount === 0) {
      this.bits = this.nextByte();
      this.bitCount = 8;
    }
    this.bitCount--;
    const bit = this.bits & 1;
    this.bits >>= 1;
    return bit;
  }

  private number(bits: number, base: number): number {
    let value = base;
    for (let i = 0; i < bits; i++) value += this.bit() << i;
    return value;
  }

  private uint32(bigEndian: boolean): number {
    let value = 0;
    for (let i = 0; i < 4; i++) {
      const byte = this.nextByte();
      value |= byte << (bigEndian ? 24 - 8 * i : 8 * i);
    }
    return value >>> 0;
  }
}

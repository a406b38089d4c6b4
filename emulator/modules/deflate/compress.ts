/**
 * Compression the way MicroPython does it: one block with the fixed codes (RFC 1951, section 3.2.6), and a search through the
 * whole window for the longest earlier occurrence, the nearest one of equal length. The bytes are the reference's.
 */

const MIN_MATCH = 3;
/** The search compares one byte more than a single code can carry; such a match goes out in two codes. */
const MAX_COMPARED = 259;
const MAX_CODED = 258;

export class Compressor {
  private readonly history: Uint8Array;
  private historyStart = 0;
  private historyLength = 0;
  private bits = 0;
  private bitCount = 0;

  /** @param put takes the next byte of output; what it throws passes through */
  constructor(
    windowBits: number,
    private readonly put: (byte: number) => void,
  ) {
    this.history = new Uint8Array(2 ** windowBits);
  }

  /** Opens the only block: a final one with fixed codes. */
  start(): void {
    this.write(0b011, 3);
  }

  /** Closes the block and flushes the last bits. */
  finish(): void {
    this.write(0, 14);
  }

  compress(data: Uint8Array): void {
    for (let at = 0; at < data.length; ) {
      const match = this.longestMatch(data, at);
      let length = match.length;
      if (length === 0) {
        this.literal(data[at]);
        length = 1;
      } else this.match(match.distance, length);
      for (; length > 0; length--) this.remember(data[at++]);
    }
  }

  private remember(byte: number): void {
    const { history } = this;
    const mask = history.length - 1;
    history[(this.historyStart + this.historyLength) & mask] = byte;
    if (this.historyLength === history.length) this.historyStart = (this.historyStart + 1) & mask;
    else this.historyLength++;
  }

  /** A match may run on from the window into the data that are to be compressed. */
  private longestMatch(data: Uint8Array, at: number): { length: number; distance: number } {
    const { history, historyStart, historyLength } = this;
    const mask = history.length - 1;
    const limit = Math.min(data.length - at, MAX_COMPARED);
    const best = { length: 0, distance: 0 };
    for (let candidate = 0; candidate < historyLength; candidate++) {
      let length = 0;
      for (; length < limit; length++) {
        const from = candidate + length;
        const earlier = from < historyLength ? history[(historyStart + from) & mask] : data[at + from - historyLength];
        if (data[at + length] !== earlier) break;
      }
      if (length >= MIN_MATCH && length >= best.length) {
        best.length = length;
        best.distance = historyLength - candidate;
      }
    }
    return best;
  }

  private literal(byte: number): void {
    if (byte < 144) this.write(reversed(0x30 + byte, 8), 8);
    else this.write(reversed(0x190 - 144 + byte, 9), 9);
  }

  private match(distance: number, length: number): void {
    while (length > 0) {
      // What is left after a code of 258 must be at least a match of three.
      const coded = length > MAX_CODED + 2 ? MAX_CODED : length <= MAX_CODED ? length : length - MIN_MATCH;
      length -= coded;
      this.lengthCode(coded - MIN_MATCH);
      this.distanceCode(distance - 1);
    }
  }

  /** @param length the match's length less three, 0 to 255 */
  private lengthCode(length: number): void {
    let code = 28;
    const extra = length < 8 || length === 255 ? 0 : log2(length) - 2;
    if (length < 255) code = length < 8 ? length : 4 * (extra + 1) + ((length >> extra) & 3);
    // Symbols 257 to 279 have seven bits from 0000001, those from 280 on eight bits from 11000000.
    if (code <= 22) this.write(reversed(code + 1, 7), 7);
    else this.write(reversed(0xc0 + code - 23, 8), 8);
    if (extra > 0) this.write(length & ((1 << extra) - 1), extra);
  }

  /** @param distance less one */
  private distanceCode(distance: number): void {
    const extra = distance < 4 ? 0 : log2(distance) - 1;
    const code = distance < 4 ? distance : 2 * (extra + 1) + ((distance >> extra) & 1);
    this.write(reversed(code, 5), 5);
    if (extra > 0) this.write(distance & ((1 << extra) - 1), extra);
  }

  private write(bits: number, count: number): void {
    this.bits |= bits << this.bitCount;
    this.bitCount += count;
    while (this.bitCount >= 8) {
      this.put(this.bits & 0xff);
      this.bits >>>= 8;
      this.bitCount -= 8;
    }
  }
}

function log2(value: number): number {
  return 31 - Math.clz32(value);
}

/** Huffman codes are sent with their highest bit first. */
function reversed(code: number, bits: number): number {
  let out = 0;
  for (let i = 0; i < bits; i++) if ((code >> i) & 1) out |= 1 << (bits - 1 - i);
  return out;
}

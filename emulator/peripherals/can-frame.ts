/** Frames of the CAN bus, version 2.0 B, as bits on the wire (ISO 11898-1; RM0090 section 32.7.7 and figure 346). */
import { type Bit, Level } from '../trace/level.ts';
import { EdgeList } from '../trace/waveform.ts';

export interface CanFrame {
  /** 11 or 29 bits */
  id: number;
  extended: boolean;
  remote: boolean;
  /** 0 to 15; more than 8 means 8 bytes of data, or of a remote request */
  dlc: number;
  /** as many bytes as the frame has */
  data: Uint8Array;
}

/** Bits of end of frame and of the pause that follows, all recessive. */
const END_OF_FRAME = 7;
export const INTERMISSION = 3;

/** The bits that decide who may send: identifier and what comes with it, dominant is 0. */
export function arbitrationBits(frame: CanFrame): Bit[] {
  const bits: Bit[] = [];
  const put = (value: number, count: number) => {
    for (let bit = count - 1; bit >= 0; bit--) bits.push(((value >>> bit) & 1) as Bit);
  };
  if (!frame.extended) {
    put(frame.id, 11);
    put(frame.remote ? 1 : 0, 1);
    put(0, 1);
  } else {
    put(frame.id >>> 18, 11);
    put(3, 2);
    put(frame.id & 0x3_ffff, 18);
    put(frame.remote ? 1 : 0, 1);
  }
  return bits;
}

/** Compares two frames that begin together: below 0 if `a` wins the bus. */
export function compareArbitration(a: CanFrame, b: CanFrame): number {
  const [bitsA, bitsB] = [arbitrationBits(a), arbitrationBits(b)];
  for (let i = 0; i < Math.min(bitsA.length, bitsB.length); i++) if (bitsA[i] !== bitsB[i]) return bitsA[i] - bitsB[i];
  return 0;
}

/** A frame's bits, stuffed, from start of frame to end of frame; the acknowledge slot as given. */
export function frameBits(frame: CanFrame, acknowledged: boolean): Bit[] {
  const bits: Bit[] = [0, ...arbitrationBits(frame)];
  const put = (value: number, count: number) => {
    for (let bit = count - 1; bit >= 0; bit--) bits.push(((value >>> bit) & 1) as Bit);
  };
  put(0, frame.extended ? 2 : 1);
  put(frame.dlc, 4);
  if (!frame.remote) for (const byte of frame.data) put(byte, 8);
  put(crc15(bits), 15);
  const stuffed: Bit[] = [];
  let run = 0;
  let last: Bit | undefined;
  for (const bit of bits) {
    stuffed.push(bit);
    run = bit === last ? run + 1 : 1;
    last = bit;
    if (run < 5) continue;
    last = (bit ^ 1) as Bit;
    stuffed.push(last);
    run = 1;
  }
  stuffed.push(1, acknowledged ? 0 : 1, 1);
  for (let i = 0; i < END_OF_FRAME; i++) stuffed.push(1);
  return stuffed;
}

/** Bits from the start of frame to where the acknowledge slot has been seen. */
export function bitsToAcknowledge(frame: CanFrame): number {
  return frameBits(frame, true).length - END_OF_FRAME - 1;
}

/** The wire while bits go over it, recessive at the end. @param bitTime ns, need not be whole */
export function bitsWaveform(bits: readonly Bit[], start: number, bitTime: number): EdgeList {
  const times: number[] = [];
  const levels: Level[] = [];
  let last: Bit = 1;
  for (const [index, bit] of bits.entries()) {
    if (bit === last) continue;
    last = bit;
    times.push(Math.round(start + index * bitTime));
    levels.push(bit);
  }
  if (last === 0) {
    times.push(Math.round(start + bits.length * bitTime));
    levels.push(Level.HIGH);
  }
  return new EdgeList(times, levels, Level.HIGH);
}

/** The CRC of a frame: polynomial x^15 + x^14 + x^10 + x^8 + x^7 + x^4 + x^3 + 1. */
export function crc15(bits: readonly Bit[]): number {
  let crc = 0;
  for (const bit of bits) {
    const next = bit ^ (crc >> 14);
    crc = (crc << 1) & 0x7fff;
    if (next) crc ^= 0x4599;
  }
  return crc;
}

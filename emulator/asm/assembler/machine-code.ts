import { CompileError } from '../../compiler/rawcode.ts';

/** More code than this fits on no board: `align` and `data` of an assembler function must not exhaust the host. */
const MAX_CODE = 1 << 24;

/** A buffer that machine code is assembled into, in two passes: the first finds the labels and the size, the second writes (py/asmbase.c of MicroPython 1.27.0). */
export class MachineCode {
  /** Whether bytes are written, or only counted. */
  emitting = false;
  /** After code that never goes on, nothing is written until the next label. */
  suppressed = false;
  offset = 0;
  bytes = new Uint8Array(0);
  /** Offset of each label, -1 while unknown. */
  labelOffsets: Int32Array;

  constructor(maxLabels: number) {
    this.labelOffsets = new Int32Array(maxLabels).fill(-1);
  }

  startPass(emitting: boolean): void {
    if (emitting) this.bytes = new Uint8Array(this.offset);
    else this.labelOffsets.fill(-1);
    this.emitting = emitting;
    this.suppressed = false;
    this.offset = 0;
  }

  assignLabel(label: number): void {
    this.suppressed = false;
    if (!this.emitting) this.labelOffsets[label] = this.offset;
    else if (this.labelOffsets[label] !== this.offset)
      throw new Error(`label ${label} moved from ${this.labelOffsets[label]} to ${this.offset}`);
  }

  private reserve(bytes: number): void {
    if (this.offset + bytes > MAX_CODE || this.offset + bytes < 0)
      throw new CompileError('MemoryError', `memory allocation failed, allocating ${this.offset + bytes} bytes`, '', 0, null);
  }

  /** Moves on to a multiple of `size`, a power of two; the gap is zeros. */
  align(size: number): void {
    const aligned = (this.offset + size - 1) & ~(size - 1);
    this.reserve(aligned - this.offset);
    this.offset = aligned;
  }

  /** `size` bytes of a value, the lowest first. */
  data(size: number, value: number | bigint): void {
    if (this.suppressed) return;
    this.reserve(size);
    if (this.emitting) {
      let rest = BigInt(value);
      for (let i = 0; i < size; i++) {
        this.bytes[this.offset + i] = Number(rest & 0xffn);
        rest >>= 8n;
      }
    }
    this.offset += size;
  }

  halfword(value: number): void {
    if (this.suppressed) return;
    if (this.emitting) {
      this.bytes[this.offset] = value;
      this.bytes[this.offset + 1] = value >> 8;
    }
    this.offset += 2;
  }

  word(value: number): void {
    this.halfword(value);
    this.halfword(value >> 16);
  }
}

/** Whether a 32-bit integer is representable in `bits` bits without sign. */
export const fitsUnsigned = (value: number, bits: number): boolean => value >>> bits === 0;
/** Whether a 32-bit integer is representable in `bits` bits with sign. */
export const fitsSigned = (value: number, bits: number): boolean => {
  const upper = value >> (bits - 1);
  return upper === 0 || upper === -1;
};

/** A bytearray that lies over registers, as `uctypes.bytearray_at` makes one: each element is read and written where it is. */

import { raiseNotImplemented } from '../vm/raise.ts';
import { BufferFlag } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { bytearrayType, MpArray } from './array.ts';
import { guestMemory } from './guest-memory.ts';
import { toIntTruncated } from './int.ts';

export class MpRegisterBytes extends MpArray {
  constructor(
    private readonly address: number,
    length: number,
  ) {
    super(bytearrayType, 'B', new Uint8Array(0));
    this.length = length;
  }

  override get hasMemory(): boolean {
    return true;
  }

  override get(index: number): Value {
    return guestMemory().read(this.address + index, 1);
  }

  override set(index: number, value: Value): void {
    guestMemory().write(this.address + index, Number(BigInt.asUintN(8, BigInt(toIntTruncated(value)))), 1);
  }

  /** What the registers hold at this instant: a copy, which has their address. */
  override bytes(): Uint8Array {
    return this.bytesOf(0, this.length);
  }

  override bytesOf(start: number, stop: number): Uint8Array {
    return guestMemory().copyAt(this.address + start, stop - start);
  }

  /** A driver that fills a buffer would fill the copy: that is refused. */
  override buffer(flags: BufferFlag): Uint8Array {
    if ((flags & BufferFlag.Write) !== 0) raiseNotImplemented('registers as a buffer to write to; assign to its elements');
    return this.bytes();
  }

  override append(): void {
    raiseNotImplemented('registers cannot grow');
  }

  override appendBytes(bytes: Uint8Array): void {
    if (bytes.length > 0) raiseNotImplemented('registers cannot grow');
  }

  override splice(start: number, stop: number, source: Uint8Array): void {
    if (source.length !== stop - start) raiseNotImplemented('registers cannot grow or shrink');
    for (const [i, byte] of source.entries()) this.set(start + i, byte);
  }
}

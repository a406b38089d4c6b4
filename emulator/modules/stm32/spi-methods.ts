/** The methods that every kind of SPI has (extmod/machine_spi.c): pyb.SPI, machine.SPI and machine.SoftSPI. */
import { bufferOf } from '../../objects/buffer.ts';
import { fun2, fun3, funVar } from '../../objects/function.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { BufferFlag, type Locals } from '../../vm/type.ts';
import { MpObj, type Value } from '../../vm/value.ts';
import { newReceiveBuffer } from './transfer-buffer.ts';

export abstract class MpSpiBus extends MpObj {
  /** Sends and receives; raises OSError when it fails. `source` and `target` may be the same, or absent. */
  abstract transfer(length: number, source: Uint8Array | undefined, target: Uint8Array | undefined): void;
}

const self = (value: Value) => value as MpSpiBus;

export const spiMethods = (): Locals => [
  [
    'read',
    funVar(2, 3, args => {
      const { bytes, result } = newReceiveBuffer(toInt(args[1]));
      bytes.fill(args.length === 3 ? toInt(args[2]) : 0);
      self(args[0]).transfer(bytes.length, bytes, bytes);
      return result();
    }),
  ],
  [
    'readinto',
    funVar(2, 3, args => {
      const { bytes } = bufferOf(args[1], BufferFlag.Write);
      bytes.fill(args.length === 3 ? toInt(args[2]) : 0);
      self(args[0]).transfer(bytes.length, bytes, bytes);
      return null;
    }),
  ],
  [
    'write',
    fun2((spi, data) => {
      const { bytes } = bufferOf(data, BufferFlag.Read);
      self(spi).transfer(bytes.length, bytes, undefined);
      return null;
    }),
  ],
  [
    'write_readinto',
    fun3((spi, data, into) => {
      const source = bufferOf(data, BufferFlag.Read).bytes;
      const target = bufferOf(into, BufferFlag.Write).bytes;
      if (source.length !== target.length) raiseValueError('buffers must be the same length');
      self(spi).transfer(source.length, source, target);
      return null;
    }),
  ],
];

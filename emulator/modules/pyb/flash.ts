/** pyb.Flash (ports/stm32/storage.c): the board's flash as a block device. */
import { bufferOf } from '../../objects/buffer.ts';
import { fun3, funVar, parseArgs } from '../../objects/function.ts';
import { FlashDevice } from '../../storage/flash-storage.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { BufferFlag, type Locals, MpType } from '../../vm/type.ts';
import { MpObj, type Printer, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { storageRaises } from '../vfs/storage-errors.ts';

class MpFlash extends MpObj {
  constructor(readonly device: FlashDevice) {
    super(flashType);
  }
}

const KEY = Symbol('flash');

/** The whole drive, with its partition table: one object. */
const wholeFlash = () => vm.volatileStateOf(KEY, () => new MpFlash(FlashDevice.whole(hardware().flash)));

const ARGS = [
  { name: 'start', kwOnly: true, as: 'int', default: -1 },
  { name: 'len', kwOnly: true, as: 'int', default: -1 },
] as const;

const device = (value: Value) => (value as MpFlash).device;

function transfer(args: readonly Value[], access: BufferFlag): Value {
  const block = toInt(args[1]);
  const { bytes } = bufferOf(args[2], access);
  const offset = args.length > 3 ? toInt(args[3]) : undefined;
  const flash = device(args[0]);
  return storageRaises(() =>
    access === BufferFlag.Write ? flash.readBlocks(block, bytes, offset) : flash.writeBlocks(block, bytes, offset),
  );
}

export const flashType: MpType = new MpType('Flash', {
  makeNew(_type, args, kw): Value {
    const [start, length] = parseArgs(ARGS, args, kw) as [number, number];
    if (start === -1 && length === -1) return wholeFlash();
    const section = FlashDevice.section(hardware().flash, start, length);
    if (section === undefined) raiseValueError();
    vm.heap.alloc(4 * vm.wordSize);
    return new MpFlash(section);
  },
  print(out: Printer, self: MpFlash) {
    const { start, length } = self.device;
    out.write(start === undefined ? 'Flash()' : `Flash(start=${start}, len=${length})`);
  },
  locals: (): Locals => [
    ['readblocks', funVar(3, 4, args => transfer(args, BufferFlag.Write))],
    ['writeblocks', funVar(3, 4, args => transfer(args, BufferFlag.Read))],
    ['ioctl', fun3((self, operation, argument) => storageRaises(() => device(self).ioctl(toInt(operation), toInt(argument))))],
  ],
});

/** pyb.SDCard and pyb.SD (ports/stm32/sdcard.c): the card in the slot, as it is and as a block device. */
import { newBytearray } from '../../objects/array.ts';
import { bufferOf } from '../../objects/buffer.ts';
import { excTypes } from '../../objects/exception.ts';
import { checkArgCount, fun1, fun2, fun3 } from '../../objects/function.ts';
import { newTuple } from '../../objects/tuple.ts';
import { SD_BLOCK_SIZE } from '../../storage/sd-card.ts';
import { isTrue, toInt } from '../../vm/operators.ts';
import { raiseMessage, raiseValueError } from '../../vm/raise.ts';
import { BufferFlag, type Locals, MpType } from '../../vm/type.ts';
import { MpObj, type Value } from '../../vm/value.ts';
import { hardware } from '../hardware.ts';
import { storageRaises } from '../vfs/storage-errors.ts';

class MpSdCard extends MpObj {}
let theCard: MpSdCard | undefined;

/** The one object that there is. */
export function sdCard(): MpObj {
  theCard ??= new MpSdCard(sdCardType);
  return theCard;
}

const slot = () => hardware().sdSlot;

/** What the driver returns where the HAL failed. */
const FAILED = 1;

function read(block: Value, bytes: Uint8Array): boolean {
  return storageRaises(() => slot().readBlocks(toInt(block), bytes) === 0);
}

function write(block: Value, bytes: Uint8Array): boolean {
  return storageRaises(() => slot().writeBlocks(toInt(block), bytes) === 0);
}

export const sdCardType: MpType = new MpType('SDCard', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 0, 0, false);
    return sdCard();
  },
  locals: (): Locals => [
    ['present', fun1(() => slot().present)],
    [
      'power',
      fun2((_self, state) => {
        if (isTrue(state)) return storageRaises(() => slot().powerOn());
        slot().powerOff();
        return true;
      }),
    ],
    [
      'info',
      fun1(() => {
        const info = slot().info();
        return info === undefined ? null : newTuple([info.size, info.blockSize, info.type]);
      }),
    ],
    [
      'read',
      fun2((_self, block) => {
        const bytes = new Uint8Array(SD_BLOCK_SIZE);
        if (!read(block, bytes)) raiseMessage(excTypes.Exception, `sdcard_read_blocks failed [${FAILED}]`);
        return newBytearray(bytes);
      }),
    ],
    [
      'write',
      fun3((_self, block, data) => {
        const { bytes } = bufferOf(data, BufferFlag.Read);
        if (bytes.length % SD_BLOCK_SIZE !== 0) raiseValueError(`writes must be a multiple of ${SD_BLOCK_SIZE} bytes`);
        if (!write(block, bytes)) raiseMessage(excTypes.Exception, `sdcard_write_blocks failed [${FAILED}]`);
        return null;
      }),
    ],
    ['readblocks', fun3((_self, block, into) => read(block, bufferOf(into, BufferFlag.Write).bytes))],
    ['writeblocks', fun3((_self, block, data) => write(block, bufferOf(data, BufferFlag.Read).bytes))],
    ['ioctl', fun3((_self, operation, _argument) => storageRaises(() => slot().ioctl(toInt(operation))))],
  ],
});

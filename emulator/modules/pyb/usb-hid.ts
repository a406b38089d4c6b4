/** pyb.USB_HID and pyb.hid (ports/stm32/usb.c): reports to and from the host. */
import { bufferMaybe } from '../../objects/buffer.ts';
import { newBytes } from '../../objects/bytes.ts';
import { ERRNO } from '../../objects/errno-names.ts';
import { checkArgCount, fun2, funKw, parseArgs } from '../../objects/function.ts';
import { isInt } from '../../objects/int.ts';
import { PollFlag, type StreamProtocol, StreamRequest } from '../../objects/stream.ts';
import { arrayItems } from '../../vm/iteration.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { now } from '../../vm/service.ts';
import { BufferFlag, type Locals, MpType } from '../../vm/type.ts';
import { MpObj, type Value } from '../../vm/value.ts';
import { hardware } from '../hardware.ts';
import { pollUntil, tickDeadline } from '../stm32/time.ts';
import { bufferToReceive } from '../stm32/transfer-buffer.ts';

/** Elements of a tuple or list that make a report. */
const MAX_ITEMS = 8;

class MpUsbHid extends MpObj {}
let theHid: MpUsbHid | undefined;

/** Sends a report; gives its length, or 0 if the host has not yet fetched the one before. */
export function sendReport(report: Value): Value {
  let bytes = bufferMaybe(report, BufferFlag.Read)?.bytes;
  if (bytes === undefined) {
    const items = arrayItems(report);
    if (items.length > MAX_ITEMS) raiseValueError('tuple/list too large for HID report; use bytearray instead');
    bytes = Uint8Array.from(items, item => toInt(item) & 0xff);
  }
  now();
  return hardware().usbDevice.send(bytes) ? bytes.length : 0;
}

const stream: StreamProtocol = {
  ioctl(_self, request, arg) {
    if (request !== StreamRequest.Poll) return -ERRNO.EINVAL;
    const { usbDevice } = hardware();
    const wanted = arg as number;
    return (
      (wanted & PollFlag.Read && usbDevice.available ? PollFlag.Read : 0) |
      (wanted & PollFlag.Write && usbDevice.canSend ? PollFlag.Write : 0)
    );
  },
};

const RECV_ARGS = [
  { name: 'data', required: true },
  { name: 'timeout', kwOnly: true, as: 'int', default: 5000 },
] as const;

export const usbHidType: MpType = new MpType('USB_HID', {
  makeNew(_type, args, kw): Value {
    checkArgCount(args.length, kw, 0, 0, false);
    theHid ??= new MpUsbHid(usbHidType);
    return theHid;
  },
  stream,
  locals: (): Locals => [
    ['send', fun2((_self, report) => sendReport(report))],
    [
      'recv',
      funKw(1, (args, kw) => {
        const [wanted, timeout] = parseArgs(RECV_ARGS, args.slice(1), kw) as [Value, number];
        const { bytes } = bufferToReceive(wanted);
        const { usbDevice } = hardware();
        pollUntil(() => usbDevice.available, Math.max(0, tickDeadline(timeout) - now()));
        const report = usbDevice.receive()?.subarray(0, bytes.length) ?? new Uint8Array(0);
        bytes.set(report);
        return isInt(wanted) ? newBytes(bytes.slice(0, report.length)) : report.length;
      }),
    ],
  ],
});

/** pyb.USB_VCP (ports/stm32/usb.c): the virtual serial port as a stream. */
import { newBytes } from '../../objects/bytes.ts';
import { ERRNO } from '../../objects/errno-names.ts';
import { checkArgCount, fun1, fun2, funKw, parseArgs } from '../../objects/function.ts';
import { isInt } from '../../objects/int.ts';
import { PollFlag, type StreamProtocol, StreamRequest, streamMethod, streamMethods } from '../../objects/stream.ts';
import { call1, isCallable } from '../../vm/call.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { scheduleCall } from '../../vm/scheduler.ts';
import { now } from '../../vm/service.ts';
import { type Locals, MpType, TypeFlag } from '../../vm/type.ts';
import { type KwArgs, MpObj, type Printer, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { pollUntil, tickDeadline } from '../stm32/time.ts';
import { bufferToReceive, bytesToSend } from '../stm32/transfer-buffer.ts';

const Flow = { RTS: 1, CTS: 2 } as const;
const IRQ_RX = 1;

export class MpUsbVcp extends MpObj {
  flow = 0;
  handler: Value = null;
  private scheduled = false;

  constructor() {
    super(usbVcpType);
  }

  /** Whether it is the REPL's: then it never blocks, and takes the interrupt character out of what it receives. */
  attachToRepl(attached: boolean): void {
    this.flow = attached ? this.flow & ~Flow.CTS : this.flow | Flow.CTS;
  }

  /** Bytes have come: calls the handler soon, once however many there are. */
  received(): void {
    if (this.handler === null || this.scheduled) return;
    this.scheduled = scheduleCall(
      fun1(port => {
        this.scheduled = false;
        if (this.handler !== null && serialPort().available > 0) call1(this.handler, port);
        return null;
      }),
      this,
    );
  }
}

const KEY = Symbol('USB_VCP');

/** The port's object: there is one. */
export const theVcp = (): MpUsbVcp =>
  vm.volatileStateOf(KEY, () => {
    const made = new MpUsbVcp();
    vm.roots.add(() => [made, made.handler]);
    return made;
  });

const serialPort = () => hardware().usb;

function receive(into: Uint8Array, timeout: number): number {
  const usb = serialPort();
  for (let i = 0; i < into.length; i++) {
    if (usb.available === 0 && !pollUntil(() => usb.available > 0, Math.max(0, tickDeadline(timeout) - now()))) return i;
    into[i] = usb.read();
  }
  return into.length;
}

function send(data: Uint8Array, timeout: number): number {
  const usb = serialPort();
  if (data.length > 0 && !usb.connected && !pollUntil(() => usb.connected, Math.max(0, tickDeadline(timeout) - now()))) return 0;
  usb.write(data);
  return data.length;
}

const stream: StreamProtocol = {
  read: (_self, into) => receive(into, 0) || -ERRNO.EAGAIN,
  write(self: MpUsbVcp, data) {
    const written = self.flow & Flow.CTS ? send(data, 0) : (serialPort().write(data), data.length);
    return written || -ERRNO.EAGAIN;
  },
  ioctl(_self, request, arg) {
    if (request === StreamRequest.Close) return 0;
    if (request !== StreamRequest.Poll) return -ERRNO.EINVAL;
    const wanted = arg as number;
    return (wanted & PollFlag.Read && serialPort().available > 0 ? PollFlag.Read : 0) | (wanted & PollFlag.Write);
  },
};

const TRANSFER_ARGS = [
  { name: 'data', required: true },
  { name: 'timeout', kwOnly: true, as: 'int', default: 5000 },
] as const;
const INIT_ARGS = [{ name: 'flow', kwOnly: true, as: 'int', default: -1 }] as const;
const IRQ_ARGS = [
  { name: 'handler', default: null },
  { name: 'trigger', as: 'int', default: IRQ_RX },
  { name: 'hard', as: 'bool', default: false },
] as const;

function setIrq(args: readonly Value[], kw: KwArgs): Value {
  const self = args[0] as MpUsbVcp;
  const [handler, trigger, hard] = parseArgs(IRQ_ARGS, args.slice(1), kw) as [Value, number, boolean];
  if (args.length === 1 && kw === null) return null;
  if (handler !== null && !isCallable(handler)) raiseValueError('handler must be None or callable');
  if (trigger !== 0 && trigger !== IRQ_RX) raiseValueError('unsupported trigger');
  if (hard) raiseValueError('hard unsupported');
  self.handler = trigger === 0 ? null : handler;
  serialPort().onReceived = self.handler === null ? undefined : () => self.received();
  return null;
}

const identity = () => fun1(self => self);

export const isVcpConnected = (): boolean => serialPort().connected;

export const usbVcpType: MpType = new MpType('USB_VCP', {
  flags: TypeFlag.IterIsStream,
  makeNew(_type, args, kw): Value {
    checkArgCount(args.length, kw, 0, 1, false);
    if (args.length > 0 && toInt(args[0]) !== 0) raiseValueError();
    return theVcp();
  },
  print: (out: Printer) => out.write('USB_VCP(0)'),
  stream,
  locals: (): Locals => [
    [
      'init',
      funKw(1, (args, kw) => {
        const [flow] = parseArgs(INIT_ARGS, args.slice(1), kw) as [number];
        if (flow !== -1) (args[0] as MpUsbVcp).flow = flow;
        return null;
      }),
    ],
    ['setinterrupt', fun2((_self, character) => ((vm.interruptChar = toInt(character)), null))],
    ['isconnected', fun1(() => isVcpConnected())],
    ['any', fun1(() => serialPort().available > 0)],
    [
      'send',
      funKw(1, (args, kw) => {
        const [data, timeout] = parseArgs(TRANSFER_ARGS, args.slice(1), kw) as [Value, number];
        return send(bytesToSend(data), timeout);
      }),
    ],
    [
      'recv',
      funKw(1, (args, kw) => {
        const [wanted, timeout] = parseArgs(TRANSFER_ARGS, args.slice(1), kw) as [Value, number];
        const { bytes } = bufferToReceive(wanted);
        const received = receive(bytes, timeout);
        return isInt(wanted) ? newBytes(bytes.slice(0, received)) : received;
      }),
    ],
    ...streamMethods('read', 'readinto', 'readline', 'readlines', 'write'),
    ['close', identity()],
    ['irq', funKw(1, setIrq)],
    ['__del__', identity()],
    ['__enter__', identity()],
    ['__exit__', streamMethod('__exit__')],
    ['RTS', Flow.RTS],
    ['CTS', Flow.CTS],
    ['IRQ_RX', IRQ_RX],
  ],
});

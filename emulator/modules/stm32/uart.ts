/** UART of machine and pyb, which is the same type (extmod/machine_uart.c, ports/stm32/machine_uart.c). */
import { ERRNO } from '../../objects/errno-names.ts';
import { checkArgCount, fun1, fun2, funKw, parseArgs } from '../../objects/function.ts';
import { PollFlag, type StreamProtocol, StreamRequest, streamMethod } from '../../objects/stream.ts';
import { UsartCr1, UsartFlag, UsartRegister } from '../../peripherals/usart.ts';
import { isCallable } from '../../vm/call.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseOSError, raiseValueError } from '../../vm/raise.ts';
import { type Locals, MpType, TypeFlag } from '../../vm/type.ts';
import { type KwArgs, MpObj, type Printer, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { IRQ_ARGS, MpIrq } from './irq-object.ts';
import { Flow, UartDriver } from './uart-driver.ts';

export class MpUart extends MpObj {
  irq: MpIrq | undefined;

  constructor(
    readonly id: number,
    readonly driver: UartDriver,
  ) {
    super(uartType);
    vm.heap.alloc(64);
  }
}

const KEY = Symbol('UARTs');

function uarts(): Map<number, MpUart> {
  return vm.volatileStateOf(KEY, () => {
    const all = new Map<number, MpUart>();
    vm.roots.add(() => [...all.values()].flatMap(uart => [uart, uart.irq ?? null, uart.irq?.handler ?? null]));
    return all;
  });
}

/** What a soft reset does. */
export function deinitUarts(): void {
  for (const { driver } of uarts().values()) if (driver.enabled) driver.deinit();
}

const INIT_ARGS = [
  { name: 'baudrate', required: true, as: 'int' },
  { name: 'bits', as: 'int', default: 8 },
  { name: 'parity', default: null },
  { name: 'stop', as: 'int', default: 1 },
  { name: 'flow', kwOnly: true, as: 'int', default: 0 },
  { name: 'timeout', kwOnly: true, as: 'int', default: 0 },
  { name: 'timeout_char', kwOnly: true, as: 'int', default: 0 },
  { name: 'rxbuf', kwOnly: true, as: 'int', default: -1 },
  { name: 'read_buf_len', kwOnly: true, as: 'int', default: 64 },
] as const;

function init(uart: MpUart, args: readonly Value[], kw: KwArgs): void {
  const [baudrate, dataBits, parityArg, stop, flow, timeout, timeoutChar, rxbuf, legacyLength] = parseArgs(INIT_ARGS, args, kw) as [
    ...[number, number, Value, number, number, number, number, number],
    number,
  ];
  const parity = parityArg === null ? 'none' : toInt(parityArg) & 1 ? 'odd' : 'even';
  const bits = parity === 'none' ? dataBits : dataBits + 1;
  if (bits !== 8 && bits !== 9) raiseValueError('unsupported combination of bits and parity');
  const { driver } = uart;
  const { attachedToRepl } = driver;
  driver.init({ baudrate, nineBits: bits === 9, parity, stopBits: stop === 1 ? 1 : 2, flow: flow & (Flow.RTS | Flow.CTS) });
  uart.irq = undefined;
  driver.attachedToRepl = attachedToRepl;
  driver.setTimeouts(timeout, timeoutChar, baudrate);
  const length = rxbuf >= 0 ? rxbuf : legacyLength;
  const width = driver.wide ? 2 : 1;
  vm.heap.free(driver.bufferLength * width);
  if (length > 0) vm.heap.alloc((length + 1) * width);
  driver.setBuffer(length > 0 ? length + 1 : 0);
  const actual = driver.baudrate;
  if (20 * Math.abs(actual - baudrate) > actual) raiseValueError(`set baudrate ${actual} is not within 5% of desired value`);
}

function find(value: Value): number {
  const buses = hardware().hardware.uarts;
  if (typeof value === 'string') {
    const named = buses.find(({ name }) => name === value);
    if (named === undefined) raiseValueError(`UART(${value}) doesn't exist`);
    return named.id;
  }
  const id = toInt(value);
  if (!buses.some(bus => bus.id === id)) raiseValueError(`UART(${id}) doesn't exist`);
  return id;
}

/** The board's UART of that number: one object each. */
export function uartOf(id: number): MpUart {
  let uart = uarts().get(id);
  if (uart === undefined) {
    const bus = hardware().hardware.uarts.find(candidate => candidate.id === id)!;
    uarts().set(id, (uart = new MpUart(id, new UartDriver(bus))));
  }
  return uart;
}

function print(out: Printer, { id, driver }: MpUart): void {
  if (!driver.enabled) {
    out.write(`UART(${id})`);
    return;
  }
  const { block } = driver;
  const cr1 = block.peek(UsartRegister.CR1);
  const cr3 = block.peek(UsartRegister.CR3);
  const bits = (cr1 & UsartCr1.M ? 9 : 8) - (cr1 & UsartCr1.PCE ? 1 : 0);
  const parity = (cr1 & UsartCr1.PCE) === 0 ? 'None' : cr1 & UsartCr1.PS ? '1' : '0';
  const stop = ((block.peek(UsartRegister.CR2) >> 12) & 3) === 0 ? 1 : 2;
  const flow = [cr3 & Flow.RTS ? 'RTS' : '', cr3 & Flow.CTS ? 'CTS' : ''].filter(Boolean).join('|') || '0';
  out.write(`UART(${id}, baudrate=${driver.baudrate}, bits=${bits}, parity=${parity}, stop=${stop}, flow=${flow}`);
  const rxbuf = driver.bufferLength === 0 ? 0 : driver.bufferLength - 1;
  out.write(`, timeout=${driver.timeout}, timeout_char=${driver.timeoutChar}, rxbuf=${rxbuf}`);
  if (driver.irqTrigger !== 0) out.write(`; irq=0x${driver.irqTrigger.toString(16)}`);
  out.write(')');
}

/** Bytes of a buffer as characters, two bytes each where words have nine bits. */
function charactersOf({ wide }: UartDriver, data: Uint8Array): ArrayLike<number> {
  if (!wide) return data;
  return Uint16Array.from({ length: data.length >> 1 }, (_, i) => data[2 * i] | (data[2 * i + 1] << 8));
}

const stream: StreamProtocol = {
  read({ driver }: MpUart, into) {
    const width = driver.wide ? 2 : 1;
    if (into.length & (width - 1)) return -ERRNO.EIO;
    if (into.length === 0) return 0;
    if (!driver.waitForInput(driver.timeout)) return -ERRNO.EAGAIN;
    for (let done = 0; ; ) {
      const character = driver.read();
      into[done] = character;
      if (driver.wide) into[done + 1] = character >> 8;
      done += width;
      if (done >= into.length || !driver.waitForInput(driver.timeoutChar)) return done;
    }
  },
  write({ driver }: MpUart, data) {
    const width = driver.wide ? 2 : 1;
    if (data.length & (width - 1)) return -ERRNO.EIO;
    if (!driver.waitForOutput(driver.timeout)) return -ERRNO.EAGAIN;
    return driver.write(charactersOf(driver, data)).sent * width;
  },
  ioctl({ driver }: MpUart, request, arg) {
    if (request === StreamRequest.Flush) return 0;
    if (request !== StreamRequest.Poll) return -ERRNO.EINVAL;
    const wanted = arg as number;
    return (
      (wanted & PollFlag.Read && driver.available > 0 ? PollFlag.Read : 0) |
      (wanted & PollFlag.Write && driver.canWrite ? PollFlag.Write : 0)
    );
  },
};

const ALLOWED_TRIGGERS = UsartFlag.RXNE | UsartFlag.IDLE;

function irq(uart: MpUart, args: readonly Value[], kw: KwArgs): Value {
  const [handler, trigger, hard] = parseArgs(IRQ_ARGS, args, kw) as [Value, number, boolean];
  const { driver } = uart;
  if (uart.irq === undefined) {
    driver.irqTrigger = 0;
    const object = new MpIrq(uart, {
      setTrigger: value => driver.setTrigger(value),
      get trigger() {
        return driver.irqTrigger;
      },
      get flags() {
        return driver.irqFlags;
      },
    });
    uart.irq = object;
    driver.onIrq = () => object.run();
  }
  if (args.length > 0 || kw !== null) {
    if (handler !== null && !isCallable(handler)) raiseValueError('handler must be None or callable');
    const unsupported = (trigger & ~ALLOWED_TRIGGERS) >>> 0;
    if (unsupported !== 0) raiseValueError(`trigger 0x${unsupported.toString(16).padStart(8, '0')} unsupported`);
    uart.irq.handler = handler;
    uart.irq.hard = hard;
    driver.setTrigger(trigger);
  }
  return uart.irq;
}

const self = (value: Value) => value as MpUart;

export const uartType: MpType = new MpType('UART', {
  flags: TypeFlag.IterIsStream,
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 1, Infinity, true);
    const uart = uartOf(find(args[0]));
    if (args.length > 1 || kw !== null) init(uart, args.slice(1), kw);
    return uart;
  },
  print,
  stream,
  locals: (): Locals => [
    ['init', funKw(1, (args, kw) => (init(self(args[0]), args.slice(1), kw), null))],
    [
      'deinit',
      fun1(uart => {
        const { driver } = self(uart);
        if (driver.enabled) driver.deinit();
        return null;
      }),
    ],
    ['flush', streamMethod('flush')],
    ['read', streamMethod('read1')],
    ['readline', streamMethod('readline')],
    ['readinto', streamMethod('readinto1')],
    ['write', streamMethod('write1')],
    ['any', fun1(uart => self(uart).driver.available)],
    ['txdone', fun1(() => true)],
    ['sendbreak', fun1(uart => (self(uart).driver.sendBreak(), null))],
    [
      'readchar',
      fun1(uart => {
        const { driver } = self(uart);
        return driver.waitForInput(driver.timeout) ? driver.read() : -1;
      }),
    ],
    [
      'writechar',
      fun2((uart, value) => {
        const { driver } = self(uart);
        const data = toInt(value);
        if (!driver.waitForOutput(driver.timeout)) raiseOSError(ERRNO.ETIMEDOUT);
        if (driver.write([driver.wide ? data : data & 0xff]).timedOut) raiseOSError(ERRNO.ETIMEDOUT);
        return null;
      }),
    ],
    ['irq', funKw(1, (args, kw) => irq(self(args[0]), args.slice(1), kw))],
    ['RTS', Flow.RTS],
    ['CTS', Flow.CTS],
    ['IRQ_RXIDLE', UsartFlag.IDLE],
    ['IRQ_RX', UsartFlag.RXNE],
  ],
});

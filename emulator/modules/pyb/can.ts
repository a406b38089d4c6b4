/** pyb.CAN (ports/stm32/pyb_can.c). */
import { newBytes } from '../../objects/bytes.ts';
import { ERRNO } from '../../objects/errno-names.ts';
import { printException } from '../../objects/exception.ts';
import { checkArgCount, fun1, fun2, fun3, funKw, funVar, parseArgs } from '../../objects/function.ts';
import { MpList, newList } from '../../objects/list.ts';
import { MpMemoryView } from '../../objects/memoryview.ts';
import { PollFlag, type StreamProtocol, StreamRequest } from '../../objects/stream.ts';
import { newTuple } from '../../objects/tuple.ts';
import { CanMcr, CanRegister } from '../../peripherals/can.ts';
import { call2, isCallable } from '../../vm/call.ts';
import { arrayItems } from '../../vm/iteration.ts';
import { toInt } from '../../vm/operators.ts';
import { stdout } from '../../vm/printing.ts';
import { Raise, raiseOSError, raiseTypeError, raiseValueError } from '../../vm/raise.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { type KwArgs, MpObj, type Printer, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { CanDriver, CanError, configureFilter } from '../stm32/can-driver.ts';
import { raiseUnlessOk } from '../stm32/hal-status.ts';
import { bytesToSend } from '../stm32/transfer-buffer.ts';

/** Modes are BTR's bits, four lower, so that they are small integers. */
const Mode = { NORMAL: 0, LOOPBACK: 0x400_0000, SILENT: 0x800_0000, SILENT_LOOPBACK: 0xc00_0000 } as const;
const FilterMode = { MASK16: 0, LIST16: 1, MASK32: 2, LIST32: 3 } as const;
const State = { STOPPED: 0, ERROR_ACTIVE: 1, ERROR_WARNING: 2, ERROR_PASSIVE: 3, BUS_OFF: 4 } as const;

const BANKS = 28;
const DATA_LIMIT = 8;

class MpCan extends MpObj {
  callbacks: [Value, Value] = [null, null];
  warnings = 0;
  passives = 0;
  busOffs = 0;

  constructor(readonly driver: CanDriver) {
    super(canType);
    vm.heap.alloc(96);
    driver.onReceive = (fifo, event) => this.received(fifo, event);
    driver.onError = esr => {
      if (esr & CanError.BUS_OFF) this.busOffs++;
      else if (esr & CanError.PASSIVE) this.passives++;
      else if (esr & CanError.WARNING) this.warnings++;
    };
  }

  /** Calls a FIFO's callback at once, with the heap locked. */
  private received(fifo: number, event: number): void {
    const callback = this.callbacks[fifo];
    if (callback === null) return;
    vm.schedulerLocked++;
    vm.heap.lockDepth++;
    try {
      call2(callback, this, event);
    } catch (error) {
      if (!(error instanceof Raise)) throw error;
      setCallback(this, fifo, null);
      stdout.write(`uncaught exception in CAN(${this.driver.bus.id}) rx interrupt handler\n`);
      printException(stdout, error.exception);
    } finally {
      vm.heap.lockDepth--;
      vm.schedulerLocked--;
    }
  }
}

const KEY = Symbol('CAN');

const state = () =>
  vm.volatileStateOf(KEY, () => {
    const made = { controllers: new Map<number, MpCan>(), secondStart: 14 };
    vm.roots.add(() => [...made.controllers.values()].flatMap(can => [can, ...can.callbacks]));
    return made;
  });

/** What a soft reset does. */
export function deinitCans(): void {
  for (const { driver } of state().controllers.values()) driver.deinit();
}

const INIT_ARGS = [
  { name: 'mode', required: true, as: 'int' },
  { name: 'prescaler', as: 'int', default: 100 },
  { name: 'sjw', kwOnly: true, as: 'int', default: 1 },
  { name: 'bs1', kwOnly: true, as: 'int', default: 6 },
  { name: 'bs2', kwOnly: true, as: 'int', default: 8 },
  { name: 'auto_restart', kwOnly: true, as: 'bool', default: false },
  { name: 'baudrate', kwOnly: true, as: 'int', default: 0 },
  { name: 'sample_point', kwOnly: true, as: 'int', default: 75 },
  { name: 'num_filter_banks', kwOnly: true, as: 'int', default: 14 },
] as const;

function init(can: MpCan, args: readonly Value[], kw: KwArgs): void {
  const [mode, prescaler, sjw, bs1, bs2, autoRestart, baudrate, samplePoint, banks] = parseArgs(INIT_ARGS, args, kw) as [
    ...[number, number, number, number, number, boolean, number, number],
    number,
  ];
  const timing = baudrate === 0 ? { prescaler, bs1, bs2 } : bitTiming(baudrate >>> 0, samplePoint);
  state().secondStart = banks & 0xff;
  for (let bank = 0; bank < BANKS; bank++) clearFilter(bank);
  can.driver.init({ mode: (mode << 4) >>> 0, sjw, autoRestart, ...timing });
  can.warnings = can.passives = can.busOffs = 0;
}

/** The first setting that is near enough: 0.1 % of the rate, half a percent of the sample point. */
function bitTiming(baudrate: number, samplePoint: number): { prescaler: number; bs1: number; bs2: number } {
  const source = hardware().chip.rcc.frequencies.pclk1;
  const limit = Math.floor(baudrate / 1000);
  for (let prescaler = 1; prescaler < 1024; prescaler++) {
    for (let bs1 = 1; bs1 < 16; bs1++) {
      for (let bs2 = 1; bs2 < 8; bs2++) {
        const quanta = 1 + bs1 + bs2;
        const rate = Math.floor(source / (prescaler * quanta));
        const point = Math.floor(((1 + bs1) * 1000) / quanta);
        if (Math.abs(baudrate - rate) < limit && Math.abs(samplePoint * 10 - point) < 5) return { prescaler, bs1, bs2 };
      }
    }
  }
  raiseValueError(`couldn't match baudrate ${baudrate} and sample point ${samplePoint}`);
}

const clearFilter = (bank: number) =>
  configureFilter({ bank, list: false, wide: false, fifo: 0, words: [0, 0], active: false }, state().secondStart);

function print(out: Printer, { driver }: MpCan): void {
  const { bus, enabled, mode, block } = driver;
  if (!enabled) {
    out.write(`CAN(${bus.id})`);
    return;
  }
  const name = Object.entries(Mode).find(([, value]) => (value << 4) >>> 0 === mode)?.[0] ?? 'SILENT_LOOPBACK';
  const restarts = (block.readRegister(CanRegister.MCR) & CanMcr.ABOM) !== 0;
  out.write(`CAN(${bus.id}, CAN.${name}, auto_restart=${restarts ? 'True' : 'False'})`);
}

function stateOf({ driver }: MpCan): number {
  if (!driver.enabled) return State.STOPPED;
  const { errorState } = driver;
  if (errorState & CanError.BUS_OFF) return State.BUS_OFF;
  if (errorState & CanError.PASSIVE) return State.ERROR_PASSIVE;
  return errorState & CanError.WARNING ? State.ERROR_WARNING : State.ERROR_ACTIVE;
}

function info(args: readonly Value[]): Value {
  const can = args[0] as MpCan;
  let list: MpList;
  if (args.length === 1) list = newList(new Array(8).fill(null));
  else {
    if (!(args[1] instanceof MpList)) raiseTypeError();
    list = args[1];
    if (list.items.length < 8) raiseValueError();
  }
  const { driver, warnings, passives, busOffs } = can;
  const { errorState, pendingMailboxes } = driver;
  const counters = [(errorState >>> 16) & 0xff, (errorState >>> 24) & 0xff];
  const values = [...counters, warnings, passives, busOffs, pendingMailboxes, driver.waiting(0), driver.waiting(1)];
  for (let i = 0; i < values.length; i++) list.items[i] = values[i];
  return list;
}

const SEND_ARGS = [
  { name: 'data', required: true },
  { name: 'id', required: true, as: 'int' },
  { name: 'timeout', kwOnly: true, as: 'int', default: 0 },
  { name: 'rtr', kwOnly: true, as: 'bool', default: false },
  { name: 'extframe', as: 'bool', default: false },
] as const;

function send(args: readonly Value[], kw: KwArgs): Value {
  const [value, id, timeout, remote, extended] = parseArgs(SEND_ARGS, args.slice(1), kw) as [Value, number, number, boolean, boolean];
  const data = bytesToSend(value);
  if (data.length > DATA_LIMIT) raiseValueError('CAN data field too long');
  raiseUnlessOk((args[0] as MpCan).driver.send({ id, extended, remote, data }, timeout >>> 0));
  return null;
}

const RECV_ARGS = [
  { name: 'fifo', required: true, as: 'int' },
  { name: 'list', default: null },
  { name: 'timeout', kwOnly: true, as: 'int', default: 5000 },
] as const;

function receive(args: readonly Value[], kw: KwArgs): Value {
  const can = args[0] as MpCan;
  const [fifo, into, timeout] = parseArgs(RECV_ARGS, args.slice(1), kw) as [number, Value, number];
  if (fifo !== 0 && fifo !== 1) raiseTypeError();
  const message = can.driver.receive(fifo, timeout >>> 0);
  if (message === undefined) raiseOSError(ERRNO.ETIMEDOUT);
  if (can.callbacks[fifo] !== null) can.driver.enableReceiveInterrupts(fifo, can.driver.waiting(fifo) === 0);
  const { id, extended, remote, filter, data } = message;
  if (into === null) return newTuple([id, extended, remote, filter, newBytes(data)]);
  if (!(into instanceof MpList)) raiseTypeError();
  if (into.items.length < 5) raiseValueError();
  const view = into.items[4];
  if (!(view instanceof MpMemoryView)) raiseTypeError();
  if (!view.writable || !(view.typecode === 'B' || view.typecode === 'b')) raiseValueError();
  view.length = data.length;
  view.memory.set(data.subarray(0, Math.max(0, view.memory.length - view.offset)), view.offset);
  into.items.splice(0, 4, id, extended, remote, filter);
  return into;
}

const FILTER_ARGS = [
  { name: 'bank', required: true, as: 'int' },
  { name: 'mode', required: true, as: 'int' },
  { name: 'fifo', required: true, as: 'int' },
  { name: 'params', required: true },
  { name: 'rtr', kwOnly: true },
  { name: 'extframe', as: 'bool', default: false },
] as const;

const filterError = (): never => raiseValueError('CAN filter parameter error');

/** An extended identifier as a 16-bit filter has it: its upper bits, and IDE (RM0090 figure 342). */
const upperBits = (id: number) => ((id & 0xc0_0000) >>> 13) | ((id & 0x3_8000) >>> 15) | 8;

function setFilter(args: readonly Value[], kw: KwArgs): Value {
  const can = args[0] as MpCan;
  const [bankArg, mode, fifo, paramsArg, rtrArg, extended] = parseArgs(FILTER_ARGS, args.slice(1), kw) as [
    ...[number, number, number, Value, Value | undefined],
    boolean,
  ];
  const params = arrayItems(paramsArg);
  const flags = rtrArg === undefined ? undefined : arrayItems(rtrArg);
  const short = mode === FilterMode.MASK16 || mode === FilterMode.LIST16;
  if (!short && mode !== FilterMode.MASK32 && mode !== FilterMode.LIST32) filterError();
  if (params.length !== (short ? 4 : 2)) filterError();
  const masked = mode === FilterMode.MASK16 || mode === FilterMode.MASK32;
  const rtrBit = short && !extended ? 0x10 : 0x02;
  /** RTR of each entry; a mask compares it if flags are given at all. */
  const rtr = params.map((_, i) => {
    if (flags === undefined) return 0;
    if (masked && i % 2 === 1) return rtrBit;
    return toInt(flags[masked ? i / 2 : i] ?? 0) ? rtrBit : 0;
  });
  const ids = params.map(toInt);
  let words: [number, number];
  if (short) {
    const halves = ids.map((id, i) => ((extended ? upperBits(id) : id << 5) | rtr[i]) & 0xffff);
    words = [halves[0] | (halves[1] << 16), halves[2] | (halves[3] << 16)];
  } else words = ids.map((id, i) => ((id & 0x1fff_ffff) << 3) | 4 | rtr[i]) as [number, number];
  const { secondStart } = state();
  const { id } = can.driver.bus;
  const bank = id === 1 ? bankArg : bankArg + secondStart;
  if (bankArg < 0 || (id === 1 ? bank >= secondStart : bank > BANKS - 1)) filterError();
  configureFilter({ bank, list: !masked, wide: !short, fifo, words, active: true }, secondStart);
  return null;
}

function setCallback(can: MpCan, fifo: number, callback: Value): void {
  const index = fifo === 0 ? 0 : 1;
  if (callback === null) {
    can.driver.stopListening(index);
    can.callbacks[index] = null;
  } else if (can.callbacks[index] !== null) can.callbacks[index] = callback;
  else if (isCallable(callback)) {
    can.callbacks[index] = callback;
    can.driver.listen(index);
  }
}

const stream: StreamProtocol = {
  ioctl({ driver }: MpCan, request, arg) {
    if (request !== StreamRequest.Poll) return -ERRNO.EINVAL;
    const wanted = arg as number;
    const readable = driver.waiting(0) > 0 || driver.waiting(1) > 0;
    return (wanted & PollFlag.Read && readable ? PollFlag.Read : 0) | (wanted & PollFlag.Write && driver.canSend ? PollFlag.Write : 0);
  },
};

function find(value: Value): MpCan {
  const { cans } = hardware().hardware;
  let id: number;
  if (typeof value === 'string') {
    const named = cans.find(({ name }) => name === value);
    if (named === undefined) raiseValueError(`CAN(${value}) doesn't exist`);
    ({ id } = named);
  } else id = toInt(value);
  const bus = cans.find(candidate => candidate.id === id);
  if (bus === undefined) raiseValueError(`CAN(${id}) doesn't exist`);
  const { controllers } = state();
  let can = controllers.get(id);
  if (can === undefined) controllers.set(id, (can = new MpCan(new CanDriver(bus))));
  return can;
}

const self = (value: Value) => value as MpCan;

export const canType: MpType = new MpType('CAN', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 1, Infinity, true);
    const can = find(args[0]);
    if (!can.driver.enabled || args.length > 1) {
      can.driver.deinit();
      can.callbacks = [null, null];
      if (args.length > 1 || kw !== null) init(can, args.slice(1), kw);
    }
    return can;
  },
  print,
  stream,
  locals: (): Locals => [
    ['init', funKw(1, (args, kw) => (init(self(args[0]), args.slice(1), kw), null))],
    ['deinit', fun1(can => (self(can).driver.deinit(), null))],
    [
      'restart',
      fun1(can => {
        if (!self(can).driver.enabled) raiseValueError();
        self(can).driver.restart();
        return null;
      }),
    ],
    ['state', fun1(can => stateOf(self(can)))],
    ['info', funVar(1, 2, info)],
    ['any', fun2((can, fifo) => self(can).driver.waiting(toInt(fifo)) > 0)],
    ['send', funKw(1, send)],
    ['recv', funKw(1, receive)],
    ['setfilter', funKw(1, setFilter)],
    [
      'clearfilter',
      funKw(2, (args, kw) => {
        parseArgs([{ name: 'extframe', as: 'bool', default: false }] as const, args.slice(2), kw);
        const bank = toInt(args[1]);
        clearFilter(self(args[0]).driver.bus.id === 2 ? bank + state().secondStart : bank);
        return null;
      }),
    ],
    ['rxcallback', fun3((can, fifo, callback) => (setCallback(self(can), toInt(fifo), callback), null))],
    ...Object.entries(Mode),
    ...Object.entries(FilterMode),
    ...Object.entries(State),
  ],
});

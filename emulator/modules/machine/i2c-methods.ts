/** What machine.I2C and machine.SoftI2C have in common (extmod/machine_i2c.c): the methods, over what a bus can do. */
import { bufferOf } from '../../objects/buffer.ts';
import { excTypes } from '../../objects/exception.ts';
import { fun1, fun2, funKw, funVar, parseArgs } from '../../objects/function.ts';
import { listAppend, newList } from '../../objects/list.ts';
import { arrayItems } from '../../vm/iteration.ts';
import { isTrue, toInt } from '../../vm/operators.ts';
import { raiseMessage, raiseOSError, raiseValueError } from '../../vm/raise.ts';
import { handlePending } from '../../vm/scheduler.ts';
import { BufferFlag, type Locals, type MpType } from '../../vm/type.ts';
import { type KwArgs, MpObj, type Value } from '../../vm/value.ts';
import { hot } from '../../vm/vm.ts';
import { newReceiveBuffer } from '../stm32/transfer-buffer.ts';

const FIRST_ADDRESS = 0x08;
const LAST_ADDRESS = 0x77;

export interface I2cTransfer {
  readonly address: number;
  readonly buffers: readonly Uint8Array[];
  readonly read: boolean;
  readonly stop: boolean;
}

/** A bus, with its errors as the reference has them: a negative errno, or else the number of bytes acknowledged. */
export abstract class MpI2c extends MpObj {
  constructor(type: MpType) {
    super(type);
  }
  abstract transfer(transfer: I2cTransfer): number;
  /** What only a bus driven by hand can do; undefined otherwise. */
  init?(args: readonly Value[], kw: KwArgs): void;
  start?(): number;
  stop?(): number;
  read?(into: Uint8Array, nack: boolean): number;
  write?(bytes: Uint8Array): number;
}

const unsupported = (): never => raiseMessage(excTypes.OSError, 'I2C operation not supported');
const self = (value: Value) => value as MpI2c;
const readable = (value: Value) => bufferOf(value, BufferFlag.Read).bytes;
const writable = (value: Value) => bufferOf(value, BufferFlag.Write).bytes;

function checked(result: number): number {
  if (result < 0) raiseOSError(-result);
  return result;
}

const MEMORY_ARGS = [
  { name: 'addr', required: true, as: 'int' },
  { name: 'memaddr', required: true, as: 'int' },
  { name: 'arg', required: true },
  { name: 'addrsize', kwOnly: true, as: 'int', default: 8 },
] as const;

const parseMemory = (args: readonly Value[], kw: KwArgs) => parseArgs(MEMORY_ARGS, args.slice(1), kw) as [number, number, Value, number];

function memoryAddress(memory: number, bits: number): Uint8Array {
  const size = bits & 0xff;
  if ((size & 7) !== 0 || size > 32) raiseValueError('invalid addrsize');
  return Uint8Array.from({ length: size / 8 }, (_, i) => Number((BigInt(memory) >> BigInt(size - 8 - 8 * i)) & 0xffn));
}

function readMemory(bus: MpI2c, address: number, memory: number, bits: number, into: Uint8Array): void {
  const prefix = memoryAddress(memory, bits);
  const sent = bus.transfer({ address, buffers: [prefix], read: false, stop: false });
  if (sent !== prefix.length) {
    bus.transfer({ address, buffers: [new Uint8Array(0)], read: false, stop: true });
    checked(sent);
    return;
  }
  checked(bus.transfer({ address, buffers: [into], read: true, stop: true }));
}

const stopFlag = (args: readonly Value[]) => (args.length === 3 ? true : isTrue(args[3]));

function scan(bus: MpI2c): Value {
  const found = newList([]);
  for (let address = FIRST_ADDRESS; address <= LAST_ADDRESS; address++) {
    if (bus.transfer({ address, buffers: [new Uint8Array(0)], read: false, stop: true }) === 0) listAppend(found, address);
    if (hot.pending) handlePending();
  }
  return found;
}

export const i2cLocals = (): Locals => [
  [
    'init',
    funKw(1, (args, kw) => {
      const bus = self(args[0]);
      if (bus.init === undefined) unsupported();
      else bus.init(args.slice(1), kw);
      return null;
    }),
  ],
  ['scan', fun1(bus => scan(self(bus)))],
  ['start', fun1(bus => (checked(self(bus).start?.() ?? unsupported()), null))],
  ['stop', fun1(bus => (checked(self(bus).stop?.() ?? unsupported()), null))],
  [
    'readinto',
    funVar(2, 3, args => {
      const bus = self(args[0]);
      if (bus.read === undefined) unsupported();
      checked(bus.read!(writable(args[1]), args.length === 2 || isTrue(args[2])));
      return null;
    }),
  ],
  [
    'write',
    fun2((value, data) => {
      const bus = self(value);
      if (bus.write === undefined) unsupported();
      return checked(bus.write!(readable(data)));
    }),
  ],
  [
    'readfrom',
    funVar(3, 4, args => {
      const address = toInt(args[1]);
      const { bytes: into, result } = newReceiveBuffer(toInt(args[2]));
      checked(self(args[0]).transfer({ address, buffers: [into], read: true, stop: stopFlag(args) }));
      return result();
    }),
  ],
  [
    'readfrom_into',
    funVar(3, 4, args => {
      const address = toInt(args[1]);
      checked(self(args[0]).transfer({ address, buffers: [writable(args[2])], read: true, stop: stopFlag(args) }));
      return null;
    }),
  ],
  [
    'writeto',
    funVar(3, 4, args => {
      const address = toInt(args[1]);
      return checked(self(args[0]).transfer({ address, buffers: [readable(args[2])], read: false, stop: stopFlag(args) }));
    }),
  ],
  [
    'writevto',
    funVar(3, 4, args => {
      const address = toInt(args[1]);
      const buffers = arrayItems(args[2])
        .map(readable)
        .filter(bytes => bytes.length > 0);
      if (buffers.length === 0) buffers.push(new Uint8Array(0));
      return checked(self(args[0]).transfer({ address, buffers, read: false, stop: stopFlag(args) }));
    }),
  ],
  [
    'readfrom_mem',
    funKw(1, (args, kw) => {
      const [address, memory, size, bits] = parseMemory(args, kw);
      const { bytes: into, result } = newReceiveBuffer(toInt(size));
      readMemory(self(args[0]), address, memory, bits, into);
      return result();
    }),
  ],
  [
    'readfrom_mem_into',
    funKw(1, (args, kw) => {
      const [address, memory, buffer, bits] = parseMemory(args, kw);
      readMemory(self(args[0]), address, memory, bits, writable(buffer));
      return null;
    }),
  ],
  [
    'writeto_mem',
    funKw(1, (args, kw) => {
      const [address, memory, data, bits] = parseMemory(args, kw);
      const buffers = [memoryAddress(memory, bits), readable(data)];
      checked(self(args[0]).transfer({ address, buffers, read: false, stop: true }));
      return null;
    }),
  ],
];

/** pyb.I2C (ports/stm32/pyb_i2c.c). */
import { checkArgCount, fun1, fun2, funKw, parseArgs } from '../../objects/function.ts';
import { listAppend, newList } from '../../objects/list.ts';
import { I2cRegister } from '../../peripherals/i2c.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseTypeError } from '../../vm/raise.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { type KwArgs, MpObj, type Printer, type Value } from '../../vm/value.ts';
import { type HalStatus, raiseUnlessOk } from '../stm32/hal-status.ts';
import { CONTROLLER_ADDRESS, findI2c, type I2cDriver } from '../stm32/i2c-driver.ts';
import { bufferToReceive, bytesToSend } from '../stm32/transfer-buffer.ts';

const CONTROLLER = 0;
const PERIPHERAL = 1;
const FASTEST = 400_000;

class MpPybI2c extends MpObj {
  constructor(readonly driver: I2cDriver) {
    super(i2cType);
  }
}

/** One object a bus: they lie in ROM. */
const objects = new WeakMap<I2cDriver, MpPybI2c>();

function objectOf(driver: I2cDriver): MpPybI2c {
  let object = objects.get(driver);
  if (object === undefined) objects.set(driver, (object = new MpPybI2c(driver)));
  return object;
}

const INIT_ARGS = [
  { name: 'mode', as: 'int', default: CONTROLLER },
  { name: 'addr', kwOnly: true, as: 'int', default: 0x12 },
  { name: 'baudrate', kwOnly: true, as: 'int', default: FASTEST },
  { name: 'gencall', kwOnly: true, as: 'bool', default: false },
  { name: 'dma', kwOnly: true, as: 'bool', default: false },
] as const;

function init({ driver }: MpPybI2c, args: readonly Value[], kw: KwArgs): void {
  const [mode, address, baudrate, generalCall] = parseArgs(INIT_ARGS, args, kw) as [number, number, number, boolean];
  driver.ownAddress = mode === CONTROLLER ? CONTROLLER_ADDRESS : (address << 1) & 0xfe;
  driver.speed = Math.min(baudrate, FASTEST);
  driver.generalCall = generalCall;
  driver.deinit();
  driver.init();
}

function print(out: Printer, { driver }: MpPybI2c): void {
  const { bus } = driver;
  if (!driver.enabled) out.write(`I2C(${bus.id})`);
  else if (driver.isController) out.write(`I2C(${bus.id}, I2C.CONTROLLER, baudrate=${driver.baudrate})`);
  else {
    const address = (driver.block.peek(I2cRegister.OAR1) >> 1) & 0x7f;
    out.write(`I2C(${bus.id}, I2C.PERIPHERAL, addr=0x${address.toString(16).padStart(2, '0')})`);
  }
}

const self = (value: Value) => (value as MpPybI2c).driver;

function controller(value: Value): I2cDriver {
  const driver = self(value);
  if (!driver.isController) raiseTypeError('I2C must be a controller');
  return driver;
}

function finish(driver: I2cDriver, status: HalStatus): void {
  if (status === 'ok') return;
  if (driver.enabled) driver.resetAfterError();
  raiseUnlessOk(status);
}

const ADDRESS = { name: 'addr', as: 'int', default: CONTROLLER_ADDRESS } as const;
const TIMEOUT = { name: 'timeout', kwOnly: true, as: 'int', default: 5000 } as const;
const SEND_ARGS = [{ name: 'send', required: true }, ADDRESS, TIMEOUT] as const;
const RECV_ARGS = [{ name: 'recv', required: true }, ADDRESS, TIMEOUT] as const;
const MEM_ARGS = [
  { name: 'data', required: true },
  { name: 'addr', required: true, as: 'int' },
  { name: 'memaddr', required: true, as: 'int' },
  TIMEOUT,
  { name: 'addr_size', kwOnly: true, as: 'int', default: 8 },
] as const;

function send(args: readonly Value[], kw: KwArgs): Value {
  const driver = self(args[0]);
  const [data, address, timeout] = parseArgs(SEND_ARGS, args.slice(1), kw) as [Value, number, number];
  const bytes = bytesToSend(data);
  if (driver.isController && address === CONTROLLER_ADDRESS) raiseTypeError('addr argument required');
  finish(driver, driver.isController ? driver.send(address, bytes, timeout) : driver.sendAsTarget(bytes, timeout));
  return null;
}

function receive(args: readonly Value[], kw: KwArgs): Value {
  const driver = self(args[0]);
  const [wanted, address, timeout] = parseArgs(RECV_ARGS, args.slice(1), kw) as [Value, number, number];
  const { bytes, result } = bufferToReceive(wanted);
  if (driver.isController && address === CONTROLLER_ADDRESS) raiseTypeError('addr argument required');
  finish(driver, driver.isController ? driver.receive(address, bytes, timeout) : driver.receiveAsTarget(bytes, timeout));
  return result();
}

/** A memory address as it goes over the bus. */
const memoryAddress = (address: number, bits: number) =>
  bits === 8 ? Uint8Array.of(address & 0xff) : Uint8Array.of((address >> 8) & 0xff, address & 0xff);

function readMemory(args: readonly Value[], kw: KwArgs): Value {
  const [wanted, address, memory, timeout, bits] = parseArgs(MEM_ARGS, args.slice(1), kw) as [Value, number, number, number, number];
  const driver = controller(args[0]);
  const { bytes, result } = bufferToReceive(wanted);
  finish(driver, driver.readMemory(address, memoryAddress(memory, bits), bytes, timeout));
  return result();
}

function writeMemory(args: readonly Value[], kw: KwArgs): Value {
  const [data, address, memory, timeout, bits] = parseArgs(MEM_ARGS, args.slice(1), kw) as [Value, number, number, number, number];
  const driver = controller(args[0]);
  const bytes = bytesToSend(data);
  finish(driver, driver.writeMemory(address, memoryAddress(memory, bits), bytes, timeout));
  return null;
}

export const i2cType: MpType = new MpType('I2C', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 1, Infinity, true);
    const i2c = objectOf(findI2c(args[0]));
    if (args.length > 1 || kw !== null) init(i2c, args.slice(1), kw);
    return i2c;
  },
  print,
  locals: (): Locals => [
    ['init', funKw(1, (args, kw) => (init(args[0] as MpPybI2c, args.slice(1), kw), null))],
    ['deinit', fun1(i2c => (self(i2c).deinit(), null))],
    [
      'is_ready',
      fun2((i2c, address) => {
        const driver = controller(i2c);
        const number = toInt(address);
        for (let i = 0; i < 10; i++) if (driver.isReady(number, 10, 200) === 'ok') return true;
        return false;
      }),
    ],
    [
      'scan',
      fun1(i2c => {
        const driver = controller(i2c);
        const found = newList([]);
        for (let address = 0x08; address <= 0x77; address++) if (driver.isReady(address, 1, 200) === 'ok') listAppend(found, address);
        return found;
      }),
    ],
    ['send', funKw(1, send)],
    ['recv', funKw(1, receive)],
    ['mem_read', funKw(1, readMemory)],
    ['mem_write', funKw(1, writeMemory)],
    ['CONTROLLER', CONTROLLER],
    ['PERIPHERAL', PERIPHERAL],
    ['MASTER', CONTROLLER],
    ['SLAVE', PERIPHERAL],
  ],
});

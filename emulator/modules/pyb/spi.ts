/** pyb.SPI (ports/stm32/pyb_spi.c). */
import { bufferOf } from '../../objects/buffer.ts';
import { checkArgCount, fun1, funKw, parseArgs } from '../../objects/function.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { BufferFlag, type Locals, MpType } from '../../vm/type.ts';
import type { KwArgs, Printer, Value } from '../../vm/value.ts';
import { raiseUnlessOk } from '../stm32/hal-status.ts';
import { CONTROLLER, findSpi, type SpiDriver } from '../stm32/spi-driver.ts';
import { MpSpiBus, spiMethods } from '../stm32/spi-methods.ts';
import { bufferToReceive, bytesToSend, newReceiveBuffer } from '../stm32/transfer-buffer.ts';

export class MpPybSpi extends MpSpiBus {
  constructor(readonly driver: SpiDriver) {
    super(spiType);
  }

  override transfer(length: number, source: Uint8Array | undefined, target: Uint8Array | undefined): void {
    raiseUnlessOk(this.driver.transfer(length, source, target, length + 100));
  }
}

/** One object a bus: they lie in ROM. */
const objects = new WeakMap<SpiDriver, MpPybSpi>();

function objectOf(driver: SpiDriver): MpPybSpi {
  let object = objects.get(driver);
  if (object === undefined) objects.set(driver, (object = new MpPybSpi(driver)));
  return object;
}

const INIT_ARGS = [
  { name: 'mode', required: true, as: 'int' },
  { name: 'baudrate', as: 'int', default: 328_125 },
  { name: 'prescaler', kwOnly: true, as: 'int', default: -1 },
  { name: 'polarity', kwOnly: true, as: 'int', default: 1 },
  { name: 'phase', kwOnly: true, as: 'int', default: 0 },
  { name: 'dir', kwOnly: true, as: 'int', default: 0 },
  { name: 'bits', kwOnly: true, as: 'int', default: 8 },
  { name: 'nss', kwOnly: true, as: 'int', default: 0x200 },
  { name: 'firstbit', kwOnly: true, as: 'int', default: 0 },
  { name: 'ti', kwOnly: true, as: 'bool', default: false },
  { name: 'crc', kwOnly: true, default: null },
] as const;

function init({ driver }: MpPybSpi, args: readonly Value[], kw: KwArgs): void {
  const [mode, baudrate, prescaler, polarity, phase, direction, bits, nss, firstBit, ti, crc] = parseArgs(INIT_ARGS, args, kw) as [
    ...[number, number, number, number, number, number, number, number, number, boolean],
    Value,
  ];
  const { settings } = driver;
  settings.mode = mode;
  driver.setParameters(prescaler, baudrate, polarity, phase, bits, firstBit);
  Object.assign(settings, { direction, nss, ti, crc: crc === null ? undefined : toInt(crc) });
  driver.init();
}

/** Prints a bus; machine.SPI leaves out what it calls legacy (spi_print). */
export function printSpi(out: Printer, { bus, enabled, settings, baudrate }: SpiDriver, legacy: boolean): void {
  out.write(`SPI(${bus.id}`);
  if (enabled) {
    if (settings.mode === CONTROLLER) {
      if (legacy) out.write(', SPI.CONTROLLER');
      out.write(`, baudrate=${baudrate}`);
      if (legacy) out.write(`, prescaler=${2 << settings.rate}`);
    } else out.write(', SPI.PERIPHERAL');
    out.write(`, polarity=${settings.polarity}, phase=${settings.phase}, bits=${settings.bits}`);
    if (settings.crc !== undefined) out.write(`, crc=0x${(settings.crc >>> 0).toString(16)}`);
  }
  out.write(')');
}

const TIMEOUT = { name: 'timeout', kwOnly: true, as: 'int', default: 5000 } as const;
const SEND_ARGS = [{ name: 'send', required: true }, TIMEOUT] as const;
const RECV_ARGS = [{ name: 'recv', required: true }, TIMEOUT] as const;
const SEND_RECV_ARGS = [{ name: 'send', required: true }, { name: 'recv' }, TIMEOUT] as const;

const self = (value: Value) => value as MpPybSpi;

function send(args: readonly Value[], kw: KwArgs): Value {
  const [data, timeout] = parseArgs(SEND_ARGS, args.slice(1), kw) as [Value, number];
  const bytes = bytesToSend(data);
  raiseUnlessOk(self(args[0]).driver.transfer(bytes.length, bytes, undefined, timeout));
  return null;
}

function receive(args: readonly Value[], kw: KwArgs): Value {
  const [wanted, timeout] = parseArgs(RECV_ARGS, args.slice(1), kw) as [Value, number];
  const { bytes, result } = bufferToReceive(wanted);
  raiseUnlessOk(self(args[0]).driver.transfer(bytes.length, undefined, bytes, timeout));
  return result();
}

function sendAndReceive(args: readonly Value[], kw: KwArgs): Value {
  const [data, into, timeout] = parseArgs(SEND_RECV_ARGS, args.slice(1), kw) as [Value, Value | undefined, number];
  const source = data === into ? bufferOf(data, BufferFlag.ReadWrite).bytes : bytesToSend(data);
  const target =
    into === undefined ? newReceiveBuffer(source.length) : { bytes: bufferOf(into, BufferFlag.Write).bytes, result: () => into };
  if (target.bytes.length !== source.length) raiseValueError('recv must be same length as send');
  raiseUnlessOk(self(args[0]).driver.transfer(source.length, source, target.bytes, timeout));
  return target.result();
}

export const spiType: MpType = new MpType('SPI', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 1, Infinity, true);
    const spi = objectOf(findSpi(args[0]));
    if (args.length > 1 || kw !== null) init(spi, args.slice(1), kw);
    return spi;
  },
  print: (out: Printer, { driver }: MpPybSpi) => printSpi(out, driver, true),
  locals: (): Locals => [
    ['init', funKw(1, (args, kw) => (init(self(args[0]), args.slice(1), kw), null))],
    ['deinit', fun1(spi => (self(spi).driver.deinit(), null))],
    ...spiMethods(),
    ['send', funKw(1, send)],
    ['recv', funKw(1, receive)],
    ['send_recv', funKw(1, sendAndReceive)],
    ['CONTROLLER', CONTROLLER],
    ['PERIPHERAL', 0],
    ['MASTER', CONTROLLER],
    ['SLAVE', 0],
    ['MSB', 0],
    ['LSB', 0x80],
  ],
});

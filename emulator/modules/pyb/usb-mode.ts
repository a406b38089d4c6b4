/** pyb.usb_mode and the predefined HID devices (ports/stm32/usb.c). */
import { bufferOf } from '../../objects/buffer.ts';
import { newBytes } from '../../objects/bytes.ts';
import { funKw, parseArgs } from '../../objects/function.ts';
import { emptyTuple, newTuple } from '../../objects/tuple.ts';
import { arrayItems } from '../../vm/iteration.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseTypeError, raiseValueError } from '../../vm/raise.ts';
import { BufferFlag, typeName, typeOf } from '../../vm/type.ts';
import type { KwArgs, Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { flashType } from './flash.ts';
import { sdCardType } from './sd-card.ts';

/** Modes by name, with the older names of some. */
const MODES = new Map([
  ['VCP', 'VCP'],
  ['CDC', 'VCP'],
  ['MSC', 'MSC'],
  ['VCP+MSC', 'VCP+MSC'],
  ['CDC+MSC', 'VCP+MSC'],
  ['VCP+HID', 'VCP+HID'],
  ['CDC+HID', 'VCP+HID'],
  ['VCP+MSC+HID', 'VCP+MSC+HID'],
]);

const MAX_UNITS = 2;

/** Report descriptors (Device Class Definition for HID 1.11, appendices B and E): a mouse with wheel, and the boot keyboard. */
const MOUSE =
  '05010902a1010901a1000509190129031500250195037501810295017505810105010930093109381581257f750895038106c0093c05ff0901150025017501' +
  '9502b12275069501b101c0';
const KEYBOARD =
  '05010906a101050719e029e715002501750195088102950175088101950575010508190129059102950175039101950675081500256505071900296581' + '00c0';

const SUBCLASS_BOOT = 1;
const POLLING_MS = 8;

function predefined(key: symbol, protocol: number, maxPacket: number, descriptor: string): Value {
  return vm.stateOf(key, () =>
    newTuple([
      SUBCLASS_BOOT,
      protocol,
      maxPacket,
      POLLING_MS,
      newBytes(Uint8Array.from(descriptor.match(/../g)!, pair => Number.parseInt(pair, 16))),
    ]),
  );
}

const MOUSE_KEY = Symbol('HID mouse');
const KEYBOARD_KEY = Symbol('HID keyboard');
export const hidMouse = (): Value => predefined(MOUSE_KEY, 2, 4, MOUSE);
export const hidKeyboard = (): Value => predefined(KEYBOARD_KEY, 1, 8, KEYBOARD);

const badMode = (): never => raiseValueError('bad USB mode');

function setMode(args: readonly Value[], kw: KwArgs): Value {
  const { usbDevice, hardware: wired } = hardware();
  if (args.length === 0) return usbDevice.configuration?.mode ?? null;
  const usb = wired.usb ?? badMode();
  const spec = [
    { name: 'mode', required: true },
    { name: 'port', kwOnly: true, as: 'int', default: -1 },
    { name: 'vid', kwOnly: true, as: 'int', default: usb.vendor },
    { name: 'pid', kwOnly: true, as: 'int', default: -1 },
    { name: 'msc', kwOnly: true, default: emptyTuple },
    { name: 'hid', kwOnly: true, default: hidMouse() },
  ] as const;
  const [wanted, port, vid, pid, units, hid] = parseArgs(spec, args, kw) as [Value, number, number, number, Value, Value];
  usbDevice.decided = true;
  if (wanted === null) {
    usbDevice.stop();
    return null;
  }
  if (typeof wanted !== 'string') raiseTypeError(`can't convert '${typeName(wanted)}' object to str implicitly`);
  const mode = MODES.get(wanted) ?? badMode();
  if (mode.includes('MSC')) checkUnits(units);
  const description = mode.includes('HID') ? hidDescription(hid) : undefined;
  if (port !== -1 && port !== 0) badMode();
  usbDevice.start({ mode, vendor: vid & 0xffff, product: pid === -1 ? usb.products[mode] : pid & 0xffff, hid: description });
  return null;
}

function checkUnits(units: Value): void {
  const items = arrayItems(units);
  if (items.length > MAX_UNITS) raiseValueError('too many logical units');
  for (const item of items) if (typeOf(item) !== flashType && typeOf(item) !== sdCardType) raiseValueError('unsupported logical unit');
}

function hidDescription(value: Value) {
  const items = arrayItems(value);
  if (items.length !== 5) raiseValueError(`requested length 5 but object has length ${items.length}`);
  const [subclass, protocol, maxPacket, interval] = items.slice(0, 4).map(toInt);
  return { subclass, protocol, maxPacket, interval, descriptor: bufferOf(items[4], BufferFlag.Read).bytes.slice() };
}

export const usbMode = (): Value => funKw(0, setMode);

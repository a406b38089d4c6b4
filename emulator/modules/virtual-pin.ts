/**
 * Pins that are objects of guest code, where the build knows no others: machine.PinBase, machine.Signal and machine.time_pulse_us of
 * the Unix port (extmod/virtpin.c, machine_pinbase.c, machine_signal.c, machine_pulse.c).
 */
import { checkArgCount, fun1, funVar } from '../objects/function.ts';
import { newInt } from '../objects/int.ts';
import { callMethod } from '../vm/call.ts';
import { isTrue, toInt } from '../vm/operators.ts';
import { raiseTypeError } from '../vm/raise.ts';
import { boardNow } from '../vm/service.ts';
import { isSubclass, MpType, typeOf } from '../vm/type.ts';
import { MpObj, type Printer, type Value } from '../vm/value.ts';
import { NS_PER_US } from './waiting.ts';

const DEFAULT_TIMEOUT_US = 1_000_000;

class MpPinBase extends MpObj {}

export const pinBaseType: MpType = new MpType('PinBase', {
  print: (out: Printer) => out.write('<PinBase>'),
  // There is one, for classes to be derived from: it has no state.
  makeNew: () => (thePinBase ??= new MpPinBase(pinBaseType)),
});
let thePinBase: MpPinBase | undefined;

class MpSignal extends MpObj {
  constructor(
    readonly pin: Value,
    readonly inverted: boolean,
  ) {
    super(signalType);
  }
}

/** Anything else crashes the reference. */
function requirePin(value: Value): void {
  if (!(value instanceof MpSignal) && !isSubclass(typeOf(value), pinBaseType)) raiseTypeError('expecting a pin');
}

function readPin(pin: Value): number {
  if (pin instanceof MpSignal) return readPin(pin.pin) ^ Number(pin.inverted);
  return toInt(callMethod(pin, 'value'));
}

function writePin(pin: Value, value: boolean): void {
  if (pin instanceof MpSignal) writePin(pin.pin, value !== pin.inverted);
  else callMethod(pin, 'value', [value]);
}

function access(signal: Value, args: readonly Value[]): Value {
  if (args.length === 0) return newInt(readPin(signal));
  writePin(signal, isTrue(args[0]));
  return null;
}

export const signalType: MpType = new MpType('Signal', {
  makeNew(_type, args, kw) {
    const keywords = kw ?? [];
    if (args.length !== 1 || keywords.length > 2 || (keywords.length === 2 && keywords[0] !== 'invert')) raiseTypeError();
    requirePin(args[0]);
    return new MpSignal(args[0], keywords.length === 2 && isTrue(keywords[1]));
  },
  call(self: MpSignal, args, kw) {
    checkArgCount(args.length, kw, 0, 1, false);
    return access(self, args);
  },
  locals: () => [
    ['value', funVar(1, 2, args => access(args[0], args.slice(1)))],
    [
      'on',
      fun1(self => {
        writePin(self, true);
        return null;
      }),
    ],
    [
      'off',
      fun1(self => {
        writePin(self, false);
        return null;
      }),
    ],
  ],
});

/** @returns how long the pin has the level, in µs; -2 if it does not come to it in time, -1 if it does not leave it */
function timePulse(args: readonly Value[]): Value {
  const [pin] = args;
  requirePin(pin);
  let level = isTrue(args[1]) ? 1 : 0;
  const timeout = args.length > 2 ? toInt(args[2]) : DEFAULT_TIMEOUT_US;
  const microseconds = () => Math.floor(boardNow() / NS_PER_US);
  let start = microseconds();
  for (let changes = 2; ; ) {
    const time = microseconds();
    if (readPin(pin) === level) {
      level = 1 - level;
      if (--changes === 0) return time - start;
      start = time;
    } else if (timeout >= 0 && time - start >= timeout) return -changes;
  }
}

export const timePulseUs = () => funVar(2, 3, timePulse);

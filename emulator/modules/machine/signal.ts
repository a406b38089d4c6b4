/** machine.Signal (extmod/machine_signal.c): a pin, or another signal, that may be inverted. */
import { checkArgCount, fun1, funVar } from '../../objects/function.ts';
import { isTrue } from '../../vm/operators.ts';
import { raiseTypeError } from '../../vm/raise.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { type KwArgs, MpObj, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { MpPin, pinType, readPin, writePin } from '../pyb/pin.ts';

export class MpSignal extends MpObj {
  constructor(
    readonly pin: MpPin | MpSignal,
    readonly inverted: boolean,
  ) {
    super(signalType);
    vm.heap.alloc(3 * vm.wordSize);
  }

  read(): 0 | 1 {
    const bit = this.pin instanceof MpSignal ? this.pin.read() : readPin(this.pin);
    return (this.inverted ? 1 - bit : bit) as 0 | 1;
  }

  write(bit: 0 | 1): void {
    const driven = (this.inverted ? 1 - bit : bit) as 0 | 1;
    if (this.pin instanceof MpSignal) this.pin.write(driven);
    else writePin(this.pin, driven);
  }
}

/** Takes `invert` out of the arguments that are meant for Pin, and inverts `value`: it is the signal's. */
function makePin(args: readonly Value[], kw: KwArgs): MpSignal {
  let inverted = false;
  const rest: Value[] = [];
  for (let i = 0; kw !== null && i < kw.length; i += 2) {
    if (kw[i] === 'invert') inverted = isTrue(kw[i + 1]);
    else rest.push(kw[i], kw[i + 1]);
  }
  if (inverted) for (let i = 0; i < rest.length; i += 2) if (rest[i] === 'value') rest[i + 1] = isTrue(rest[i + 1]) ? 0 : 1;
  return new MpSignal(pinType.makeNew!(pinType, args, rest.length === 0 ? null : rest) as MpPin, inverted);
}

function access(signal: MpSignal, args: readonly Value[]): Value {
  if (args.length === 0) return signal.read();
  signal.write(isTrue(args[0]) ? 1 : 0);
  return null;
}

const self = (value: Value) => value as MpSignal;

export const signalType: MpType = new MpType('Signal', {
  makeNew(_type, args, kw) {
    const [pin] = args;
    if (!(pin instanceof MpPin || pin instanceof MpSignal)) return makePin(args, kw);
    if (args.length !== 1) raiseTypeError();
    if (kw === null || kw.length === 0) return new MpSignal(pin, false);
    if (kw.length !== 2 || kw[0] !== 'invert') raiseTypeError();
    return new MpSignal(pin, isTrue(kw[1]));
  },
  call(signal: MpSignal, args, kw) {
    checkArgCount(args.length, kw, 0, 1, false);
    return access(signal, args);
  },
  locals: (): Locals => [
    ['value', funVar(1, 2, args => access(self(args[0]), args.slice(1)))],
    ['on', fun1(signal => (self(signal).write(1), null))],
    ['off', fun1(signal => (self(signal).write(0), null))],
  ],
});

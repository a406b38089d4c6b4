/** pyb.Switch (ports/stm32/usrsw.c). */
import { checkArgCount, fun1, fun2 } from '../../objects/function.ts';
import { call0 } from '../../vm/call.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { MpObj, type Printer, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { registerExtInt } from './extint.ts';
import { Trigger } from './trigger.ts';

class MpSwitch extends MpObj {
  callback: Value = null;
  constructor() {
    super(switchType);
  }
}

const KEY = Symbol('switch');
const theSwitch = () =>
  vm.volatileStateOf(KEY, () => {
    const made = new MpSwitch();
    vm.roots.add(() => [made, made.callback]);
    return made;
  });

function pressed(): boolean {
  const { chip, hardware: wired } = hardware();
  return chip.pin(wired.switch!.pin).bit === wired.switch!.pressed;
}

function setCallback(self: MpSwitch, callback: Value): void {
  const button = hardware().hardware.switch!;
  self.callback = callback;
  const called = fun1(() => {
    if (self.callback !== null) call0(self.callback);
    return null;
  });
  const trigger = button.pressed === 0 ? Trigger.IRQ_FALLING : Trigger.IRQ_RISING;
  const pull = button.pull === 'up' ? 1 : button.pull === 'down' ? 2 : 0;
  registerExtInt(button.pin.slice(1), trigger, pull, callback === null ? null : called, true);
}

export const switchType: MpType = new MpType('Switch', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 0, 0, false);
    return theSwitch();
  },
  print: (out: Printer) => out.write('Switch()'),
  call(_self, args, kw) {
    checkArgCount(args.length, kw, 0, 0, false);
    return pressed();
  },
  locals: (): Locals => [
    ['value', fun1(() => pressed())],
    [
      'callback',
      fun2((self, callback) => {
        setCallback(self as MpSwitch, callback);
        return null;
      }),
    ],
  ],
});

/** External interrupts: pyb.ExtInt, and Pin.irq's and Switch.callback's side of them (ports/stm32/extint.c). */
import { checkArgCount, fun0, fun1, parseArgs } from '../../objects/function.ts';
import { MpStaticOrClassMethod, staticmethodType } from '../../objects/static-class-method.ts';
import { ExtiRegister } from '../../peripherals/exti.ts';
import { PinMode } from '../../peripherals/gpio.ts';
import { RtcIsr, RtcRegister } from '../../peripherals/rtc.ts';
import { toInt } from '../../vm/operators.ts';
import { stdout } from '../../vm/printing.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { scheduleCall } from '../../vm/scheduler.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { MpObj, type Printer, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { callHard, IrqPriority } from '../interrupts.ts';
import { findPin, type MpPin } from './pin.ts';
import { Trigger } from './trigger.ts';

const TRIGGERS = new Set<number>(Object.values(Trigger));
const RISING = 0x10_0000;
const FALLING = 0x20_0000;
const INTERRUPT = 0x1_0000;

const LINES = 23;

/** NVIC interrupts of the lines, by the chip data's names. */
const LINE_INTERRUPTS = [
  ...['EXTI0', 'EXTI1', 'EXTI2', 'EXTI3', 'EXTI4'],
  ...new Array<string>(5).fill('EXTI9_5'),
  ...new Array<string>(6).fill('EXTI15_10'),
  ...['PVD', 'RTC_Alarm', 'OTG_FS_WKUP', 'ETH_WKUP', 'OTG_HS_WKUP', 'TAMP_STAMP', 'RTC_WKUP'],
];

interface Line {
  callback: Value;
  arg: Value;
  hard: boolean;
  interrupt: boolean;
}

const KEY = Symbol('external interrupts');

function lines(): Line[] {
  return vm.volatileStateOf(KEY, () => {
    const all: Line[] = Array.from({ length: LINES }, () => ({ callback: null, arg: null, hard: true, interrupt: true }));
    vm.roots.add(() => all.flatMap(line => [line.callback, line.arg]));
    return all;
  });
}

/** The firmware's handler: clears what is pending on its lines and calls back. */
function handle(first: number, last: number): void {
  const { exti } = hardware().chip;
  for (let number = first; number <= last; number++) {
    if ((exti.pendingLines & (1 << number)) === 0) continue;
    exti.clear(number);
    const line = lines()[number];
    if (line.callback === null) continue;
    if (!line.hard) scheduleCall(line.callback, line.arg);
    else if (!callHard(line.callback, line.arg, `uncaught exception in ExtInt interrupt handler line ${number}\n`)) {
      line.callback = null;
      exti.setMask(number, false);
    }
  }
}

function enableInterrupt(line: number): void {
  const { chip } = hardware();
  setHandler(line);
  chip.nvic.enable(chip.irq(LINE_INTERRUPTS[line]), IrqPriority.EXTINT);
}

function setHandler(line: number): void {
  const { chip } = hardware();
  const name = LINE_INTERRUPTS[line];
  chip.nvic.setHandler(chip.irq(name), () => {
    // The RTC's flag stays up until it is cleared there, too.
    if (name === 'RTC_WKUP') chip.rtc.writeRegister(RtcRegister.ISR, ~(RtcIsr.WUTF | RtcIsr.INIT) >>> 0);
    if (name === 'EXTI9_5') handle(5, 9);
    else if (name === 'EXTI15_10') handle(10, 15);
    else handle(line, line);
  });
}

/** Sets a line's callback; null disables it. @returns the line's number */
export function registerExtInt(source: Value, trigger: number, pull: number, callback: Value, override: boolean): number {
  const { chip } = hardware();
  let pin: MpPin | undefined;
  let number: number;
  if (typeof source === 'number') {
    number = source;
    if (number < 16) raiseValueError(`ExtInt vector ${number} < 16, use a Pin object`);
    if (number >= LINES) raiseValueError(`ExtInt vector ${number} >= max of ${LINES}`);
  } else {
    pin = findPin(source);
    number = pin.pinNumber;
  }
  if (!TRIGGERS.has(trigger)) raiseValueError(`invalid ExtInt Mode: ${trigger}`);
  if (pull < 0 || pull > 2) raiseValueError(`invalid ExtInt Pull: ${pull}`);
  const line = lines()[number];
  if (!override && line.callback !== null && callback !== null) raiseValueError(`ExtInt vector ${number} is already in use`);
  chip.exti.setMask(number, false);
  line.callback = callback;
  line.interrupt = (trigger & INTERRUPT) !== 0;
  if (callback === null) return number;
  line.hard = true;
  line.arg = number;
  pin?.gpio.configure({ mode: PinMode.INPUT, pull: pull as 0 | 1 | 2, speed: 2 });
  connect(number, pin, trigger);
  return number;
}

function connect(number: number, pin: MpPin | undefined, trigger: number): void {
  hardware().chip.exti.configure(number, {
    port: pin?.portNumber,
    rising: (trigger & RISING) !== 0,
    falling: (trigger & FALLING) !== 0,
    interrupt: (trigger & INTERRUPT) !== 0,
    event: (trigger & INTERRUPT) === 0,
  });
  enableInterrupt(number);
}

/** Sets the callback of a line inside the chip whose peripheral's own driver does the rest: the RTC's. */
export function setInternalCallback(number: number, callback: Value): void {
  const line = lines()[number];
  line.callback = callback;
  line.arg = number;
  line.hard = true;
  setHandler(number);
}

/** What a soft reset does: nobody is called any more. */
export function deinitExtInts(): void {
  for (let number = 0; number < LINES; number++) {
    if (lines()[number].callback === null) continue;
    hardware().chip.exti.setMask(number, false);
    lines()[number].callback = null;
  }
}

/** Pin.irq: the handler gets the pin; the pin's mode stays as it is. */
export function registerPinIrq(pin: MpPin, trigger: number, hard: boolean, callback: Value): void {
  const number = pin.pinNumber;
  const line = lines()[number];
  const { exti } = hardware().chip;
  exti.setMask(number, false);
  line.callback = callback;
  line.interrupt = true;
  if (callback === null) return;
  line.hard = hard;
  line.arg = pin;
  connect(number, pin, trigger);
}

export class MpExtInt extends MpObj {
  constructor(readonly line: number) {
    super(extIntType);
    vm.heap.alloc(2 * vm.wordSize);
  }
}

const EXTINT_ARGS = [
  { name: 'pin', required: true },
  { name: 'mode', required: true, as: 'int' },
  { name: 'pull', required: true, as: 'int' },
  { name: 'callback', required: true },
] as const;

const lineOf = (value: Value) => (value as MpExtInt).line;

export const extIntType: MpType = new MpType('ExtInt', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 0, 4, true);
    const [pin, mode, pull, callback] = parseArgs(EXTINT_ARGS, args, kw) as [Value, number, number, Value];
    return new MpExtInt(registerExtInt(typeof pin === 'boolean' ? toInt(pin) : pin, mode, pull, callback, false));
  },
  print: (out: Printer, self: MpExtInt) => out.write(`<ExtInt line=${self.line}>`),
  locals: (): Locals => [
    ['line', fun1(self => lineOf(self))],
    [
      'enable',
      fun1(self => {
        const number = lineOf(self);
        hardware().chip.exti.setMask(number, true);
        return null;
      }),
    ],
    [
      'disable',
      fun1(self => {
        const { exti } = hardware().chip;
        exti.setMask(lineOf(self), false);
        exti.clear(lineOf(self));
        return null;
      }),
    ],
    [
      'swint',
      fun1(self => {
        const { exti } = hardware().chip;
        const others = exti.readRegister(ExtiRegister.SWIER) & ~(1 << lineOf(self));
        // Only a rise from 0 to 1 triggers.
        exti.writeRegister(ExtiRegister.SWIER, others);
        exti.writeRegister(ExtiRegister.SWIER, others | (1 << lineOf(self)));
        return null;
      }),
    ],
    ['regs', new MpStaticOrClassMethod(staticmethodType, fun0(printRegisters))],
    ['IRQ_RISING', Trigger.IRQ_RISING],
    ['IRQ_FALLING', Trigger.IRQ_FALLING],
    ['IRQ_RISING_FALLING', Trigger.IRQ_RISING_FALLING],
    ['EVT_RISING', Trigger.EVT_RISING],
    ['EVT_FALLING', Trigger.EVT_FALLING],
    ['EVT_RISING_FALLING', Trigger.EVT_RISING_FALLING],
  ],
});

function printRegisters(): Value {
  const { exti } = hardware().chip;
  for (const [name, offset] of Object.entries(ExtiRegister)) {
    const value = (exti.readRegister(offset) >>> 0).toString(16).padStart(8, '0');
    stdout.write(`EXTI_${name.padEnd(6)}${value}\n`);
  }
  return null;
}

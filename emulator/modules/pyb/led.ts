/** pyb.LED (ports/stm32/led.c): on, off, and a brightness where a timer channel drives the LED. */
import type { Led } from '../../../boards/board.ts';
import { checkArgCount, fun1, funVar } from '../../objects/function.ts';
import { type GpioPin, PinMode } from '../../peripherals/gpio.ts';
import type { Bit } from '../../trace/level.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { now } from '../../vm/service.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { MpObj, type Printer, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';

/** Period of the timer that dims an LED, and its clock: 100 Hz in steps of 10 µs … (led.c: LED_PWM_TIM_PERIOD). */
const PWM_PERIOD = 10_000;
const PWM_CLOCK = 1_000_000;

export class MpLed extends MpObj {
  constructor(
    readonly led: Led,
    private readonly gpio: GpioPin,
  ) {
    super(ledType);
  }

  /** Its pin, at the program's time. */
  get pin(): GpioPin {
    now();
    return this.gpio;
  }
}

const KEY = Symbol('LEDs');
const leds = () =>
  vm.volatileStateOf(KEY, () => {
    const { hardware: board, chip } = hardware();
    return board.leds.map(led => new MpLed(led, chip.pin(led.pin)));
  });

/** The channel that dims the LED, when it does so now. */
function pwmChannel(self: MpLed) {
  const { pwm } = self.led;
  if (pwm === undefined || self.pin.mode !== PinMode.ALTERNATE) return undefined;
  return hardware().chip.timer(pwm.timer);
}

function switchTo({ led, pin }: MpLed, on: boolean): void {
  putOut(pin, on === (led.lit === 1) ? 1 : 0);
}

function toggle({ pin }: MpLed): void {
  putOut(pin, (1 - pin.latch) as Bit);
}

function putOut(pin: GpioPin, bit: Bit): void {
  if (pin.mode === PinMode.ALTERNATE) pin.configure({ mode: PinMode.OUTPUT, latch: bit });
  else pin.set(bit);
}

function intensity(self: MpLed): number {
  const { pwm } = self.led;
  const timer = pwmChannel(self);
  if (pwm !== undefined && timer !== undefined) {
    const compare = timer.readRegister(0x34 + 4 * (pwm.channel - 1));
    return Math.min(255, Math.floor((compare * 255 + PWM_PERIOD - 2) / (PWM_PERIOD - 1)));
  }
  return self.pin.latch === self.led.lit ? 255 : 0;
}

function setIntensity(self: MpLed, value: number): void {
  const { pwm } = self.led;
  if (value <= 0 || value >= 255 || pwm === undefined) {
    switchTo(self, value > 0);
    return;
  }
  const { chip } = hardware();
  const timer = chip.timer(pwm.timer);
  if (pwmChannel(self) === undefined) {
    chip.rcc.enable(`TIM${pwm.timer}`);
    const { timer1, timer2 } = chip.rcc.frequencies;
    const source = chip.data.peripherals[`TIM${pwm.timer}`].bus === 'apb1' ? timer1 : timer2;
    timer.writeRegister(0x28, Math.floor(source / PWM_CLOCK) - 1);
    timer.writeRegister(0x2c, PWM_PERIOD - 1);
    const mode = pwm.channel <= 2 ? 0x18 : 0x1c;
    const shift = ((pwm.channel - 1) & 1) * 8;
    // PWM mode 1 with preload, as HAL_TIM_PWM_ConfigChannel sets it.
    timer.writeRegister(mode, (timer.readRegister(mode) & ~(0xff << shift)) | (0x68 << shift));
    timer.writeRegister(0x20, timer.readRegister(0x20) | (1 << ((pwm.channel - 1) * 4)));
    timer.writeRegister(0x14, 1);
    timer.writeRegister(0x00, timer.readRegister(0x00) | 1);
    self.pin.configure({ mode: PinMode.ALTERNATE, alternate: pwm.alternate });
  }
  timer.writeRegister(0x34 + 4 * (pwm.channel - 1), Math.floor((value * (PWM_PERIOD - 1)) / 255));
}

const act = (action: (self: MpLed) => void) =>
  fun1(self => {
    action(self as MpLed);
    return null;
  });

export const ledType: MpType = new MpType('LED', {
  makeNew(_type, args, kw): Value {
    checkArgCount(args.length, kw, 1, 1, false);
    const id = toInt(args[0]);
    const led = leds()[id - 1];
    if (led === undefined) raiseValueError(`LED(${id}) doesn't exist`);
    return led;
  },
  print: (out: Printer, self: MpLed) => out.write(`LED(${self.led.id})`),
  locals: (): Locals => [
    ['on', act(self => switchTo(self, true))],
    ['off', act(self => switchTo(self, false))],
    ['toggle', act(toggle)],
    [
      'intensity',
      funVar(1, 2, args => {
        const self = args[0] as MpLed;
        if (args.length === 1) return intensity(self);
        setIntensity(self, toInt(args[1]));
        return null;
      }),
    ],
  ],
});

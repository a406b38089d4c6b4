/** pyb.Servo and its older functions pyb.servo and pyb.pwm (ports/stm32/servo.c): timer 5 at 50 Hz in steps of 10 µs. */
import { toFloat } from '../../objects/float.ts';
import { checkArgCount, fun2, funVar } from '../../objects/function.ts';
import { newTuple } from '../../objects/tuple.ts';
import { PinMode } from '../../peripherals/gpio.ts';
import { TimerRegister } from '../../peripherals/timer.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseTypeError, raiseValueError } from '../../vm/raise.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { MpObj, type Printer, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { IrqPriority } from '../interrupts.ts';
import {
  compareRegister,
  configureOutput,
  configureTimeBase,
  modify,
  sourceFrequency,
  startOutput,
  timerOf,
  UPDATE,
} from '../stm32/timer.ts';
import { enableInterrupt, otherUsers } from './timer.ts';

/** Steps of a period, and how many there are in a second. */
const PERIOD = 2000;
const STEP_RATE = 100_000;
/** Milliseconds of a period: how often a moving servo gets a new width. */
const PERIOD_MS = 20;

const int16 = (value: number) => (value << 16) >> 16;

/** All widths in steps of 10 µs. */
class MpServo extends MpObj {
  least = 64;
  greatest = 242;
  centre = 150;
  /** What 90 degrees, and full speed, add to the centre. */
  angle90 = 97;
  speed100 = 70;
  width = 150;
  target = 0;
  private accumulated = 0;
  private periodsLeft = 0;

  constructor(
    readonly id: number,
    readonly channel: number,
  ) {
    super(servoType);
  }

  /** Goes to a width at once, or over `ms`. */
  moveTo(target: number, ms: number | undefined): void {
    this.target = int16(target);
    this.periodsLeft = ms === undefined ? 0 : Math.trunc(ms / PERIOD_MS) & 0xffff;
    if (ms !== undefined) this.accumulated = 0;
    stepAll();
  }

  /** Stays where it is. */
  stay(): void {
    this.target = this.width;
    this.periodsLeft = 0;
  }

  /** One period's step. @returns whether more are to come */
  step(): boolean {
    if (this.width === this.target) return false;
    // A least width above the greatest one counts: the first that does not hold is kept.
    if (this.target < this.least) this.target = this.least;
    else if (this.target > this.greatest) this.target = this.greatest;
    let moving = false;
    if (this.periodsLeft <= 1) {
      this.width = this.target;
      this.periodsLeft = 0;
    } else {
      this.accumulated = int16(this.accumulated + this.target - this.width);
      this.width = int16(this.width + Math.trunc(this.accumulated / this.periodsLeft));
      this.accumulated %= this.periodsLeft;
      this.periodsLeft--;
      moving = true;
    }
    block().writeRegister(compareRegister(this.channel), this.width >>> 0);
    return moving;
  }
}

const KEY = Symbol('servos');

const servos = () =>
  vm.volatileStateOf(KEY, () => (hardware().hardware.servos?.ports ?? []).map(({ channel }, index) => new MpServo(index + 1, channel)));

const timerNumber = () => hardware().hardware.servos!.timer;
const block = () => timerOf(timerNumber());

function stepAll(): void {
  let moving = false;
  for (const servo of servos()) if (servo.step()) moving = true;
  modify(block(), TimerRegister.DIER, moving ? 0 : UPDATE, moving ? UPDATE : 0);
}

function startTimer(): void {
  const { chip } = hardware();
  const number = timerNumber();
  chip.rcc.enable(`TIM${number}`);
  otherUsers().set(number, () => {
    const timer = block();
    if ((timer.peek(TimerRegister.SR) & timer.peek(TimerRegister.DIER) & UPDATE) === 0) return;
    timer.clearFlags(UPDATE);
    stepAll();
  });
  enableInterrupt(block().features.interrupts.update, IrqPriority.TIM5);
  const prescaler = sourceFrequency(number) / STEP_RATE - 1;
  configureTimeBase(block(), { prescaler, period: PERIOD - 1, mode: 0, division: 0 });
}

function start(servo: MpServo): void {
  const { chip, hardware: wired } = hardware();
  const port = wired.servos!.ports[servo.id - 1];
  chip.pin(port.pin).configure({ mode: PinMode.ALTERNATE, alternate: port.alternate, openDrain: false, pull: 0, speed: 2 });
  if (!chip.rcc.isEnabled(`TIM${timerNumber()}`)) startTimer();
  configureOutput(block(), servo.channel, { mode: 0x60, pulse: servo.width, polarity: 0, complementPolarity: 0, preload: true });
  startOutput(block(), servo.channel);
}

const self = (value: Value) => value as MpServo;

function calibration(args: readonly Value[]): Value {
  const servo = self(args[0]);
  if (args.length === 1) {
    const { least, greatest, centre, angle90, speed100 } = servo;
    return newTuple([least, greatest, centre, angle90 + centre, speed100 + centre].map(width => 10 * width));
  }
  const widths = args.slice(1).map(value => Math.trunc(toInt(value) / 10));
  if (args.length >= 4) {
    [servo.least, servo.greatest, servo.centre] = widths;
    if (args.length === 4) return null;
    if (args.length === 6) {
      servo.angle90 = widths[3] - servo.centre;
      servo.speed100 = widths[4] - servo.centre;
      return null;
    }
  }
  raiseTypeError(`calibration expecting 1, 4 or 6 arguments, got ${args.length}`);
}

/** angle() and speed(): a position as parts of the width that `full` parts take. */
const position = (full: number, widthOf: (servo: MpServo) => number) =>
  funVar(1, 3, args => {
    const servo = self(args[0]);
    if (args.length === 1) return Math.trunc(((servo.width - servo.centre) * full) / widthOf(servo)) || 0;
    const offset = Math.trunc(Math.fround(Math.fround(widthOf(servo) * toFloat(args[1])) / full));
    servo.moveTo(servo.centre + int16(offset), args.length === 2 ? undefined : toInt(args[2]));
    return null;
  });

export const servoType: MpType = new MpType('Servo', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 1, 1, false);
    const id = toInt(args[0]);
    const servo = servos()[id - 1];
    if (servo === undefined) raiseValueError(`Servo(${id}) doesn't exist`);
    servo.stay();
    start(servo);
    return servo;
  },
  print: (out: Printer, { id, width }: MpServo) => out.write(`<Servo ${id} at ${10 * width}us>`),
  locals: (): Locals => [
    [
      'pulse_width',
      funVar(1, 2, args => {
        const servo = self(args[0]);
        if (args.length === 1) return 10 * servo.width;
        servo.moveTo(Math.trunc(toInt(args[1]) / 10), undefined);
        return null;
      }),
    ],
    ['calibration', funVar(1, 6, calibration)],
    ['angle', position(90, servo => servo.angle90)],
    ['speed', position(100, servo => servo.speed100)],
  ],
});

/** pyb.servo(port, width) and pyb.pwm(period, pulse): the timer's registers directly, as long as it runs. */
export const servoFunctions = (): Locals => [
  [
    'pwm',
    fun2((period, pulse) => {
      block().writeRegister(TimerRegister.ARR, toInt(period) >>> 0);
      block().writeRegister(TimerRegister.CCR3, toInt(pulse) >>> 0);
      return null;
    }),
  ],
  [
    'servo',
    fun2((port, width) => {
      const number = toInt(port);
      const value = Math.min(250, Math.max(50, toInt(width)));
      if (number >= 1 && number <= 4) block().writeRegister(compareRegister(number), value);
      return null;
    }),
  ],
];

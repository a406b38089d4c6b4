/** pyb.Accel (ports/stm32/accel.c): the accelerometer on I2C, whose supply hangs on a pin. */
import { excTypes } from '../../objects/exception.ts';
import { checkArgCount, fun1, fun2, fun3 } from '../../objects/function.ts';
import { newTuple } from '../../objects/tuple.ts';
import { PinMode } from '../../peripherals/gpio.ts';
import { toInt } from '../../vm/operators.ts';
import { raiseMessage } from '../../vm/raise.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { MpObj, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { hardware } from '../hardware.ts';
import { I2cController } from '../stm32/i2c.ts';
import { delayMs } from '../waiting.ts';

/** Registers of the MMA7660FC (its datasheet, table 8). */
const Register = { X: 0, Y: 1, Z: 2, TILT: 3, MODE: 7 } as const;
const ACTIVE = 1;

const SPEED = 400_000;
const TIMEOUT_MS = 50;
const POWER_MS = 30;
const ATTEMPTS = 4;
/** Readings that filtered_xyz adds up. */
const DEPTH = 4;

class MpAccel extends MpObj {
  /** The last readings of three axes, the oldest first. */
  readings: number[][] = Array.from({ length: DEPTH }, () => [0, 0, 0]);
}

const KEY = Symbol('accelerometer');
const theAccel = () => vm.volatileStateOf(KEY, () => new MpAccel(accelType));

/** What the board's data says about it. */
const part = () => hardware().hardware.accelerometer!;

const controller = () => new I2cController(hardware().hardware.i2cs.find(({ id }) => id === part().i2c)!, TIMEOUT_MS);

/** At boot: without power, until a program asks for it (accel_init). */
export function initAccelerometer(): void {
  const { hardware: wired, chip } = hardware();
  const power = wired.accelerometer?.power;
  if (power !== undefined) chip.pin(power).configure({ mode: PinMode.OUTPUT, latch: 0 });
}

function start(): void {
  const bus = controller();
  bus.init(SPEED);
  const { address, power } = part();
  if (power !== undefined) {
    const pin = hardware().chip.pin(power);
    pin.set(0);
    delayMs(POWER_MS);
    pin.set(1);
    delayMs(POWER_MS);
  }
  let answer = -1;
  for (let i = 0; i < ATTEMPTS && answer !== 0; i++) answer = bus.transfer(address, [new Uint8Array(0)], false, true);
  if (answer !== 0) raiseMessage(excTypes.OSError, 'accelerometer not found');
  bus.transfer(address, [Uint8Array.of(Register.MODE, ACTIVE)], false, true);
  delayMs(POWER_MS);
}

function read(register: number, count = 1): Uint8Array {
  const bus = controller();
  const bytes = new Uint8Array(count);
  bytes[0] = register;
  bus.transfer(part().address, [bytes.slice(0, 1)], false, false);
  bus.transfer(part().address, [bytes], true, true);
  return bytes;
}

/** An axis has six bits, the highest for the sign. */
const signed = (value: number) => (value & 0x20 ? (value & 0x3f) - 0x40 : value & 0x3f);

const axis = (register: number) => fun1(() => signed(read(register)[0]));

export const accelType: MpType = new MpType('Accel', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 0, 0, false);
    start();
    return theAccel();
  },
  locals: (): Locals => [
    ['x', axis(Register.X)],
    ['y', axis(Register.Y)],
    ['z', axis(Register.Z)],
    ['tilt', fun1(() => read(Register.TILT)[0])],
    [
      'filtered_xyz',
      fun1(value => {
        const self = value as MpAccel;
        self.readings = [...self.readings.slice(1), [...read(Register.X, 3)].map(signed)];
        return newTuple([0, 1, 2].map(index => self.readings.reduce((sum, reading) => sum + reading[index], 0)));
      }),
    ],
    ['read', fun2((_self, register) => read(toInt(register) & 0xff)[0])],
    [
      'write',
      fun3((_self, register, value): Value => {
        controller().transfer(part().address, [Uint8Array.of(toInt(register), toInt(value))], false, true);
        return null;
      }),
    ],
  ],
});

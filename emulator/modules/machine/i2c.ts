/** machine.I2C (ports/stm32/machine_i2c.c): the I2C blocks on the pins that the board has for them. */
import { parseArgs } from '../../objects/function.ts';
import { stdout } from '../../vm/printing.ts';
import { raiseValueError } from '../../vm/raise.ts';
import { MpType } from '../../vm/type.ts';
import type { Printer, Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { I2cController, timeoutInMs } from '../stm32/i2c.ts';
import { findI2c } from '../stm32/i2c-driver.ts';
import { type I2cTransfer, i2cLocals, MpI2c } from './i2c-methods.ts';
import { MpSoftI2c } from './soft-i2c.ts';

const ARGS = [
  { name: 'id', required: true },
  { name: 'scl', kwOnly: true },
  { name: 'sda', kwOnly: true },
  { name: 'freq', kwOnly: true, as: 'int', default: 400_000 },
  { name: 'timeout', kwOnly: true, as: 'int', default: 50_000 },
] as const;

class MpHardI2c extends MpI2c {
  constructor(public controller: I2cController) {
    super(i2cType);
  }

  transfer({ address, buffers, read, stop }: I2cTransfer): number {
    return this.controller.transfer(address, buffers, read, stop);
  }
}

const KEY = Symbol('I2C');
/** One object a bus. */
const objects = () => vm.volatileStateOf(KEY, () => new Map<number, MpHardI2c>());

export const i2cType: MpType = new MpType('I2C', {
  makeNew(_type, args, kw) {
    if (args.length === 0 || args[0] === -1) {
      stdout.write('Warning: I2C(-1, ...) is deprecated, use SoftI2C(...) instead\n');
      return new MpSoftI2c(args.slice(1), kw);
    }
    const [id, scl, sda, frequency, timeout] = parseArgs(ARGS, args, kw) as [Value, Value, Value, number, number];
    const bus = findI2c(id).bus;
    if (scl !== undefined || sda !== undefined) raiseValueError('explicit choice of scl/sda is not implemented');
    const controller = new I2cController(bus, timeoutInMs(timeout));
    controller.init(frequency);
    let object = objects().get(bus.id);
    if (object === undefined) objects().set(bus.id, (object = new MpHardI2c(controller)));
    object.controller = controller;
    return object;
  },
  print(out: Printer, { controller: { bus, frequency } }: MpHardI2c) {
    out.write(`I2C(${bus.id}, scl=${bus.scl.slice(1)}, sda=${bus.sda.slice(1)}, freq=${frequency})`);
  },
  locals: i2cLocals,
});

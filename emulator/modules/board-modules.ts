/** The modules that need a board's hardware, and what a soft reset does to that. The boot code gives them to the machine. */

import { deinitI2cTargets } from './machine/i2c-target.ts';
import { deinitI2s } from './machine/i2s.ts';
import { machineModule } from './machine/machine.ts';
import type { ModuleDef } from './module-def.ts';
import { oneWireModule } from './onewire.ts';
import { deinitCans } from './pyb/can.ts';
import { deinitDacs } from './pyb/dac.ts';
import { deinitExtInts } from './pyb/extint.ts';
import { pybModule } from './pyb/pyb.ts';
import { deinitTimers } from './pyb/timer.ts';
import { stmModule } from './stm.ts';
import { deinitI2cs } from './stm32/i2c-driver.ts';
import { stopSoftTimers } from './stm32/soft-timer.ts';
import { deinitSpis } from './stm32/spi-driver.ts';
import { deinitUarts } from './stm32/uart.ts';

export const boardModules = (): readonly ModuleDef[] => [pybModule, machineModule, stmModule, oneWireModule];

/** Turns off what a soft reset turns off, in the port's order (ports/stm32/main.c). What it leaves alone goes on: pins, ADC, RTC, watchdog. */
export function deinitPeripherals(): void {
  stopSoftTimers();
  deinitTimers();
  deinitUarts();
  deinitSpis();
  deinitI2cs();
  deinitI2cTargets();
  deinitCans();
  deinitDacs();
  deinitI2s();
  deinitExtInts();
}

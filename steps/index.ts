/**
 * The step library. Importing it registers its parameter types, steps and hooks with the running cucumber-js; what it exports is
 * for steps of one's own.
 */
import './parameters.ts';
import './hooks.ts';
import './boards.ts';
import './power.ts';
import './boot.ts';
import './firmware.ts';
import './leds.ts';
import './media.ts';
import './usb.ts';
import './repl.ts';
import './programs.ts';
import './pins.ts';
import './registers.ts';
import './buses.ts';
import './parts.ts';
import './time.ts';
import './faults.ts';
import './conformance.ts';

export { Bench, type BenchParameters, type ProgramResult } from './bench.ts';
export { BadStep, ExpectationFailed } from './failure.ts';
export { type ParameterDoc, parameters } from './parameters.ts';
export { family, library, type StepDefinition, type StepDoc } from './step.ts';
export { defineBoard } from './user-boards.ts';
export { definePart, type UserControl, type UserDevice, type UserPart, type UserPartInstance, type UserReading } from './user-parts.ts';

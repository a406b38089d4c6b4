/**
 * The step library. Importing it registers its parameter types, steps and hooks with the running cucumber-js; what it exports is
 * for steps of one's own.
 */
import './parameters.ts';
import './hooks.ts';
import './boards.ts';
import './programs.ts';

export { Bench, type BenchParameters, type ProgramResult } from './bench.ts';
export { BadStep, ExpectationFailed } from './failure.ts';
export { family, library, type StepDefinition, type StepDoc } from './step.ts';

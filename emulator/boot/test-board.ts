/** For unit tests: a program on a fresh board, what it printed, and what its pins did. */
import { Clock } from '../clock/clock.ts';
import { Trace } from '../trace/trace.ts';
import { BoardMachine } from './board-machine.ts';
import { createMachine } from './create-machine.ts';

export interface BoardRun {
  /** What the program printed. */
  readonly output: string;
  readonly trace: Trace;
  readonly clock: Clock;
  readonly machine: BoardMachine;
}

export interface BoardRunOptions {
  readonly board?: string;
  /** ns of virtual time after which the power goes. */
  readonly until?: number;
  /** Pairs of pins, by name, that are wired together. */
  readonly wires?: readonly (readonly [string, string])[];
  /** Does more to the board before it is turned on. */
  readonly prepare?: (machine: BoardMachine, clock: Clock) => void;
}

/** Runs a program to its end, or until the power goes. */
export function runOnBoard(source: string, options: BoardRunOptions = {}): BoardRun {
  const { board = 'pyboard-v1.1', until = 20e9, wires = [], prepare } = options;
  const clock = new Clock();
  const trace = new Trace(clock);
  const machine = createMachine(
    'dut',
    { board, program: { source: new TextEncoder().encode(source), fileName: 'main.py' } },
    { clock, trace, seed: 1, idle: time => clock.advanceTo(Math.min(time, clock.nextDue)) },
  );
  if (!(machine instanceof BoardMachine)) throw new RangeError(`${board} has no pins`);
  let output = '';
  machine.consoles.get('usb')!.onOutput(bytes => {
    output += String.fromCharCode(...bytes);
  });
  const { netlist } = machine.chip;
  for (const [one, other] of wires) netlist.connect(machine.chip.pin(one).terminal, machine.chip.pin(other).terminal);
  prepare?.(machine, clock);
  clock.at(until, () => machine.powerOff());
  machine.powerOn();
  machine.main();
  return { output, trace, clock, machine };
}

/** The lines that a program printed. */
export const linesOf = (source: string, options?: BoardRunOptions): string[] => runOnBoard(source, options).output.trimEnd().split('\n');

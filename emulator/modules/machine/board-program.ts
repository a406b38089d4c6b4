/** A pyboard on a bench that runs one program to its end, for the tests of its modules: what it printed, and the chip and trace to look at. */

import type { BoardMachine } from '../../boot/board-machine.ts';
import { createMachine } from '../../boot/create-machine.ts';
import { Clock } from '../../clock/clock.ts';
import type { Part, PartBench } from '../../parts/part.ts';
import { Trace } from '../../trace/trace.ts';

/** Nothing will ever happen again, and the program waits. */
class Stuck extends Error {
  override readonly name = 'Stuck';
}

export interface BoardRun {
  readonly output: string;
  readonly machine: BoardMachine;
  readonly trace: Trace;
  readonly clock: Clock;
}

export interface BenchTools {
  readonly machine: BoardMachine;
  readonly parts: PartBench;
  readonly clock: Clock;
  /** Joins two pins of the board. */
  wire(a: string, b: string): void;
  /** Puts a part on the bench: its pin → the board's. */
  attach<P extends Part>(part: P, pins: Record<string, string>): P;
}

/** Runs `source` until it ends. `setUp` wires the bench before the board has power. */
export function runOnBoard(source: string, setUp: (bench: BenchTools) => void = () => {}): BoardRun {
  const clock = new Clock();
  const trace = new Trace(clock);
  const idle = (until: number) => {
    const next = Math.min(until, clock.nextDue);
    if (next === Infinity) throw new Stuck(`at ${clock.now} ns`);
    clock.advanceTo(next);
  };
  const program = { source: new TextEncoder().encode(source), fileName: 'program.py' };
  const machine = createMachine('board', { board: 'pyboard-v1.1', program }, { clock, trace, seed: 1, idle }) as BoardMachine;
  const { chip } = machine;
  const { netlist } = chip;
  for (const { scl, sda, pullUp } of machine.board.hardware!.i2cs) {
    if (pullUp === undefined) continue;
    for (const line of [scl, sda]) {
      const resistor = netlist.terminal('pull-up');
      resistor.setPull(pullUp, netlist.supply);
      netlist.connect(chip.pin(line).terminal, resistor);
    }
  }
  setUp({
    machine,
    clock,
    parts: { clock, trace, netlist, random: chip.random },
    wire: (a, b) => netlist.connect(chip.pin(a).terminal, chip.pin(b).terminal),
    attach(part, pins) {
      for (const [name, pin] of Object.entries(pins)) netlist.connect(part.pin(name), chip.pin(pin).terminal);
      return part;
    },
  });
  machine.powerOn();
  machine.main();
  return { output: text(machine), machine, trace, clock };
}

function text(machine: BoardMachine): string {
  return new TextDecoder('latin1').decode(machine.consoles.get('usb')!.since(0));
}

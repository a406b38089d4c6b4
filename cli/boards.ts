/** `boardspec boards`: what boards there are, and what each has. */
import type { Board } from '../boards/board.ts';
import { boards as known } from '../boards/index.ts';
import { boardReference } from '../reports/board-reference.ts';
import { whatExists } from '../steps/did-you-mean.ts';
import { formatFrequency, formatSize } from '../views/units.ts';
import { CommandFailure } from './failure.ts';
import { paint } from './progress.ts';

export interface BoardsOptions {
  readonly json?: boolean;
  readonly markdown?: boolean;
}

export function boards(name: string | undefined, options: BoardsOptions): void {
  const list = [...known.values()];
  if (name !== undefined) {
    const board = known.get(name);
    if (board === undefined) throw new CommandFailure(`there is no board "${name}"; ${whatExists(name, [...known.keys()])}`);
    process.stdout.write(options.json ? `${JSON.stringify(board, null, 1)}\n` : boardReference([board]));
    return;
  }
  if (options.json) process.stdout.write(`${JSON.stringify(list, null, 1)}\n`);
  else if (options.markdown) process.stdout.write(boardReference(list));
  else for (const board of list) process.stdout.write(`${paint(process.stdout, 'bold', board.name.padEnd(18))} ${summary(board)}\n`);
}

/** What a board is, in one line. */
function summary({ title, runtime, memory, hardware }: Board): string {
  const parts = [
    title,
    `${runtime.wordBits}-bit words, ${runtime.float === 'none' ? 'no floats' : `${runtime.float} precision`}`,
    `${formatSize(memory.heap)} heap`,
  ];
  if (hardware !== undefined) {
    const { pll, dividers } = hardware.clock;
    const clock =
      hardware.oscillators.high === undefined ? undefined : ((hardware.oscillators.high / pll.m) * pll.n) / pll.p / dividers.ahb;
    if (clock !== undefined) parts.push(formatFrequency(clock));
    parts.push(`${new Set(hardware.pins.filter(({ header }) => header).map(({ name }) => name)).size} pins, ${hardware.leds.length} LEDs`);
  } else {
    parts.push('no hardware');
  }
  return parts.join('; ');
}

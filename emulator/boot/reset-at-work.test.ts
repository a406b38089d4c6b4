import { expect, it } from 'vitest';
import { runOnBoard } from './test-board.ts';

const RESETS = 20;

/** The firmware is in the middle of something whenever RST is pressed; what it was about to do must not reach the chip any more. */
it('starts as from rest whenever RST was pressed', () => {
  const { output } = runOnBoard(
    `
import pyb
print('up')
while True:
    pyb.Timer(4, freq=500, callback=lambda t: None)
    pyb.Timer(4).deinit()
`,
    {
      until: 300e6,
      prepare: (machine, clock) => {
        for (let i = 1; i <= RESETS; i++) {
          clock.at(i * 10e6 + i * 7001, () => {
            machine.holdReset(true);
            machine.holdReset(false);
          });
        }
      },
    },
  );
  expect(output.match(/up\n/g)).toHaveLength(RESETS + 1);
});

it('lets no script run while RST is held from the very start', () => {
  const { output, trace } = runOnBoard("print('up')", {
    until: 100e6,
    // The oscillator is still starting.
    prepare: (machine, clock) => clock.at(1e6, () => machine.holdReset(true)),
  });
  expect(output).toBe('');
  expect(trace.state('boot').current).toBe('reset');
});

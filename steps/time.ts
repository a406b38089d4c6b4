/** Time: everything waits in virtual time; where the target has none, in the host's. */

import { contains, formatDuration, type Range } from '../views/units.ts';
import type { Bench } from './bench.ts';
import { ExpectationFailed } from './failure.ts';
import { family } from './step.ts';

const step = family('Time');

step(
  '{duration} pass(es)',
  {
    about: 'Lets exactly so much time pass. The steps that follow look at what happened meanwhile.',
    passes: `When the board is started with "import time; time.sleep_ms(50); print('done')"
And 100 ms pass
Then the board prints "done"`,
  },
  async function (this: Bench, duration: number) {
    await this.act(session => session.advance(duration));
  },
);

step(
  'since power-on, {duration-range} have passed',
  {
    about: "So much time has passed since the board's power was last switched on.",
    needs: ['power'],
    passes: `When the board powers on
And 10 ms pass
Then since power-on, 10 ms have passed`,
    fails: { steps: `When the board powers on\nAnd 10 ms pass\nThen since power-on, at most 5 ms have passed`, says: 'seen      10 ms' },
  },
  function (this: Bench, range: Range) {
    const passed = this.now - this.poweredAt;
    if (!contains(range, passed)) throw new ExpectationFailed(`${range.text} to have passed since power-on`, formatDuration(passed));
  },
);

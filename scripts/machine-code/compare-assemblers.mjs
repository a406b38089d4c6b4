/**
 * Compares what our compiler makes of inline assembler with the official cross-compiler: the `.mpy` files byte for byte, and the messages of errors.
 *
 *   node scripts/machine-code/compare-assemblers.mjs --mpy-cross PATH [--seed N] [--count N] [--keep]
 */
import { parseArgs } from 'node:util';
import { randomFrom } from '../cores/random.mjs';
import { Comparison } from './comparison.mjs';
import { rv32Programs, thumbPrograms } from './programs.mjs';

const { values: options } = parseArgs({
  options: {
    'mpy-cross': { type: 'string' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '30' },
    keep: { type: 'boolean' },
  },
});
const comparison = await Comparison.prepare(options['mpy-cross']);
const random = randomFrom(Number(options.seed));
const count = Number(options.count);
for (const arch of ['armv6m', 'armv7m', 'armv7em', 'armv7emsp', 'armv7emdp', 'armv6']) comparison.run(thumbPrograms(random, count), arch);
comparison.run(rv32Programs(random, count), 'rv32imc');
comparison.run(rv32Programs(random, count), 'rv32imc', 'zba');
comparison.finish(`seed ${options.seed}`, options.keep);

/**
 * Compares the machine code of `@micropython.native` and `@micropython.viper` with the official cross-compiler's: the `.mpy` files byte for byte, and the
 * messages of errors. Programs are random; files and folders of Python sources may be given besides.
 *
 *   node scripts/machine-code/compare-native.mjs --mpy-cross PATH [--seed N] [--count N] [--emit native|viper] [--keep] [FILE…]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { randomFrom } from '../cores/random.mjs';
import { Comparison } from './comparison.mjs';
import { nativePrograms } from './native-programs.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'mpy-cross': { type: 'string' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '200' },
    emit: { type: 'string' },
    keep: { type: 'boolean' },
  },
});
const comparison = await Comparison.prepare(options['mpy-cross']);
const programs = [
  ...positionals.map(file => readFileSync(file, 'utf8')),
  ...nativePrograms(randomFrom(Number(options.seed)), Number(options.count)),
];
for (const [arch, flags] of [['armv6m'], ['armv7m'], ['armv7em'], ['armv7emsp'], ['armv7emdp'], ['rv32imc'], ['rv32imc', 'zba']])
  comparison.run(programs, arch, flags, options.emit);
comparison.finish(`seed ${options.seed}`, options.keep);

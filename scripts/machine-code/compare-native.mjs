/**
 * Compares the machine code of `@micropython.native` and `@micropython.viper` with the official cross-compiler's: the `.mpy` files byte for byte, and the
 * messages of errors. Programs are random; files and folders of Python sources may be given besides.
 *
 *   node scripts/machine-code/compare-native.mjs --mpy-cross PATH [--seed N] [--count N] [--emit native|viper] [--arch A] [--keep] [FILE…]
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
    arch: { type: 'string' },
    keep: { type: 'boolean' },
  },
});
const comparison = await Comparison.prepare(options['mpy-cross']);
const programs = [
  ...positionals.map(file => readFileSync(file, 'utf8')),
  ...nativePrograms(randomFrom(Number(options.seed)), Number(options.count)),
];
const ARCHITECTURES = [
  { arch: 'x64' },
  { arch: 'x64', smallIntBits: 63 },
  { arch: 'armv6m' },
  { arch: 'armv7m' },
  { arch: 'armv7em' },
  { arch: 'armv7emsp' },
  { arch: 'armv7emdp' },
  { arch: 'rv32imc' },
  { arch: 'rv32imc', flags: 'zba' },
];
for (const { arch, flags, smallIntBits } of ARCHITECTURES)
  if (options.arch === undefined || options.arch === arch) comparison.run(programs, arch, flags, options.emit, smallIntBits);
comparison.finish(`seed ${options.seed}`, options.keep);

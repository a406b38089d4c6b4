// Makes a clone ready to run: installs what the lockfile names when it is not there (or has changed),
// and builds dist/ when a source is newer than the last build. Uses nothing but Node.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stampFile = join(root, 'node_modules', '.cache', 'boardspec-lock');
const lockHash = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' });
  if (result.status !== 0) {
    console.error(`boardspec: '${command} ${args.join(' ')}' failed; run it by hand to see why.`);
    process.exit(result.status ?? 1);
  }
}

const stamp = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';
if (!existsSync(join(root, 'node_modules', 'esbuild')) || (stamp !== '' && stamp !== lockHash)) {
  console.error('boardspec: installing packages from the lockfile …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}
mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true });
writeFileSync(stampFile, lockHash);

/** The newest modification time (milliseconds) of a source below a folder. */
function newest(path) {
  const info = statSync(path);
  if (!info.isDirectory()) return /\.(ts|mjs|json|py)$/.test(path) ? info.mtimeMs : 0;
  return Math.max(0, ...readdirSync(path).map(name => newest(join(path, name))));
}

const sources = [
  'emulator',
  'boards',
  'targets',
  'steps',
  'views',
  'reports',
  'cli',
  'bench',
  'index.ts',
  'package.json',
  'scripts/build.mjs',
];
const built = join(root, 'dist', '.built');
const sourceTime = Math.max(
  ...sources
    .map(name => join(root, name))
    .filter(existsSync)
    .map(newest),
);
if (!existsSync(built) || statSync(built).mtimeMs < sourceTime) {
  run(process.execPath, [join(root, 'scripts', 'build.mjs')]);
  writeFileSync(built, '');
}

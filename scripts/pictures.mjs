// Makes the pictures of the documentation from scenarios, so that they show what the program really draws.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = mkdtempSync(join(tmpdir(), 'boardspec-pictures-'));
try {
  const args = ['bin/boardspec.mjs', 'test', 'docs/pictures/timing.feature', '--evidence', 'always', '--parallel', '0', '--out', out];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  const svg = readdirSync(join(out, 'evidence'), { recursive: true }).find(name => String(name).endsWith('.svg'));
  if (status !== 0 || svg === undefined) process.exit(1);
  cpSync(join(out, 'evidence', String(svg)), join(root, 'docs', 'pictures', 'timing.svg'));
  console.log('docs/pictures/timing.svg');
} finally {
  rmSync(out, { recursive: true, force: true });
}

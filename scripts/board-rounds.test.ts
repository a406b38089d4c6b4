import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('board-rounds.mjs', import.meta.url));

it('fifty rounds of junk, resets, power cuts and pulled cards leave a board that a hard reset brings back', () => {
  const { stdout, stderr } = spawnSync(process.execPath, [script, '--rounds', '50', '--seed', '20261129'], { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toContain('50 rounds, 0 failed');
}, 180_000);

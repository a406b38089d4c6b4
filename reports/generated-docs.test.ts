import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../targets/package-root.ts';

const folder = mkdtempSync(join(tmpdir(), 'boardspec-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the generated pages of docs/ are those that the sources give (npm run docs)', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(packageRoot, 'bin', 'boardspec.mjs'), 'steps', '--docs', folder], {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  const pages = stdout.trim().split('\n');
  expect(pages.length).toBeGreaterThanOrEqual(4);
  for (const page of pages) {
    const name = page.slice(folder.length + 1);
    expect(
      readFileSync(join(packageRoot, 'docs', name), 'utf8') === readFileSync(page, 'utf8'),
      `docs/${name} is out of date: run npm run docs`,
    ).toBe(true);
  }
});

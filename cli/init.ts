/** `boardspec init`: puts a small spec project into a folder, without overwriting anything. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { packageVersion } from '../targets/package-root.ts';
import { templateFiles } from './template.ts';

export function init(folder: string): void {
  const root = resolve(folder);
  const made: string[] = [];
  const kept: string[] = [];
  for (const [name, content] of Object.entries(templateFiles)) {
    const file = join(root, name);
    if (existsSync(file)) {
      kept.push(name);
      continue;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    made.push(name);
  }
  const manifest = join(root, 'package.json');
  if (existsSync(manifest)) {
    const { scripts } = JSON.parse(readFileSync(manifest, 'utf8')) as { scripts?: Record<string, string> };
    if (!Object.values(scripts ?? {}).some(script => script.includes('boardspec')))
      kept.push('package.json (add a script yourself: "specs": "boardspec test")');
  } else {
    const name =
      basename(root)
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, '-')
        .replace(/^-+|-+$/g, '') || 'specs';
    const content = {
      name,
      private: true,
      type: 'module',
      scripts: { test: 'boardspec test' },
      devDependencies: { boardspec: `^${packageVersion}` },
    };
    writeFileSync(manifest, `${JSON.stringify(content, null, 2)}\n`);
    made.push('package.json');
  }
  const where = relative(process.cwd(), root) || '.';
  for (const name of made) process.stdout.write(`made ${join(where, name)}\n`);
  for (const name of kept) process.stdout.write(`kept ${join(where, name)}\n`);
  process.stdout.write(
    `\nRun the specs:  ${where === '.' ? '' : `cd ${where} && `}npx boardspec test\nThen open reports/out/conformance.html, and change features/blink.feature.\n`,
  );
}

// Bundles the TypeScript sources to dist/. Entry points share their code through chunks, so that
// a command starts by reading a few files instead of some hundred.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

const entryPoints = Object.fromEntries(
  [
    ['index', 'index.ts'],
    ['cli/main', 'cli/main.ts'],
    ['session/worker', 'emulator/session/worker.ts'],
    ['steps/index', 'steps/index.ts'],
    ['steps/typescript', 'steps/typescript.ts'],
    ['targets/wasm-worker', 'targets/wasm-worker.ts'],
    ['reports/formatter', 'reports/formatter.ts'],
    ['reports/silent', 'reports/silent.ts'],
    ...(existsSync(`${root}bench`)
      ? readdirSync(`${root}bench`)
          .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'))
          .map(name => [`bench/${name.slice(0, -3)}`, `bench/${name}`])
      : []),
  ].filter(([, source]) => existsSync(root + source)),
);

rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints,
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: true,
  keepNames: false,
  loader: { '.py': 'text' },
  logLevel: 'warning',
});

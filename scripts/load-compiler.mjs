// Bundles the compiler from its sources, for scripts that compare it with another.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The exports of compile.ts, mpy.ts, rawcode.ts and of the backends for machine code. */
export async function loadCompiler() {
  const folder = mkdtempSync(join(tmpdir(), 'boardspec-compiler-'));
  const outfile = join(folder, 'compiler.mjs');
  const exports = ['compiler/compile', 'compiler/mpy', 'compiler/rawcode', 'asm/assembler/backend']
    .map(name => `export * from './emulator/${name}.ts';`)
    .join('\n');
  try {
    await build({
      stdin: { contents: exports, resolveDir: root, loader: 'ts' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile,
      logLevel: 'error',
      sourcemap: 'inline',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// Writes the type declarations of what the package exports to dist/types: those files that its entry points lead to, and no others.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'dist', 'types');
const all = mkdtempSync(join(tmpdir(), 'boardspec-types-'));
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const entries = ['index.ts', 'steps/index.ts'];

try {
  // Of its own: the entry points alone, and what they lead to.
  const project = join(root, 'node_modules', '.cache', 'types.tsconfig.json');
  mkdirSync(dirname(project), { recursive: true });
  const compilerOptions = { noEmit: false, incremental: false, declaration: true, emitDeclarationOnly: true, outDir: all, rootDir: root };
  const files = [...entries, 'emulator/python-text.d.ts'].map(file => join(root, file));
  writeFileSync(project, JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, files, include: [] }));
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
  rmSync(out, { recursive: true, force: true });
  const todo = entries.map(entry => join(all, entry.replace(/\.ts$/, '.d.ts')));
  const done = new Set();
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (done.has(file)) continue;
    done.add(file);
    // Whoever resolves `./x.js` finds `./x.d.ts`; `./x.ts` would be looked for as it is.
    const text = readFileSync(file, 'utf8').replace(/(['"])(\.{1,2}\/[^'"]+)\.ts\1/g, (_, quote, path) => {
      const target = resolve(dirname(file), `${path}.d.ts`);
      if (existsSync(target)) todo.push(target);
      return `${quote}${path}.js${quote}`;
    });
    const to = join(out, relative(all, file));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, text);
  }
  console.log(`dist/types: ${done.size} files`);
} finally {
  rmSync(all, { recursive: true, force: true });
}

import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [
    {
      // Python files are imported as text, as scripts/build.mjs does.
      name: 'python-as-text',
      enforce: 'pre',
      load: id => (id.endsWith('.py') ? `export default ${JSON.stringify(readFileSync(id, 'utf8'))};` : undefined),
    },
  ],
  test: {
    include: ['{emulator,facts,boards,targets,steps,views,reports,cli,bench,scripts,examples}/**/*.test.ts'],
    pool: 'threads',
    testTimeout: 60_000,
  },
});

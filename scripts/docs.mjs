// Writes the generated pages of docs/: the step reference, the board reference, and the schemas of the report files.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { status } = spawnSync(process.execPath, ['bin/boardspec.mjs', 'steps', '--docs', 'docs'], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);

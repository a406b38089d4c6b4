/** Imported before the steps of a project that are TypeScript: has Node load them, by the project's own `tsx` where it needs that. */
import { join } from 'node:path';
import { learnTypeScript } from '../emulator/session/typescript.ts';

await learnTypeScript(join(process.cwd(), 'package.json'));

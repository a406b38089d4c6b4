/** `boardspec test --watch`: runs again whenever a file of the project changes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { watch as watchFiles } from 'node:fs';
import { relative, resolve } from 'node:path';
import { paint } from './progress.ts';

/** Wait so long for more changes: an editor often writes several files. */
const settle = 200;

/** Each run is a process of its own: steps that were changed are read anew. Ends with Ctrl-C. */
export function watch(cwd: string, out: string): Promise<never> {
  const args = process.argv.slice(1).filter(arg => arg !== '--watch');
  let running: ChildProcess | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    again = false;
    running = spawn(process.execPath, args, { cwd, stdio: 'inherit' });
    running.once('exit', () => {
      running = undefined;
      if (again) start();
      else process.stdout.write(`${paint(process.stdout, 'dim', 'watching for changes; Ctrl-C ends')}\n`);
    });
  };
  const ignored = (file: string): boolean => {
    const path = relative(cwd, resolve(cwd, file)).replaceAll('\\', '/');
    return /(^|\/)(node_modules|\.git)(\/|$)/.test(path) || resolve(cwd, file).startsWith(out) || path.startsWith('dist/chunk');
  };
  watchFiles(cwd, { recursive: true }, (_, file) => {
    if (file === null || ignored(file)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (running === undefined) start();
      else {
        again = true;
        running.kill('SIGTERM');
      }
    }, settle);
  });
  process.once('SIGINT', () => {
    running?.kill('SIGINT');
    process.exit(130);
  });
  start();
  return new Promise<never>(() => {});
}

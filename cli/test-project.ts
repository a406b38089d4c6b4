/** Projects for tests: a folder of its own, in which `boardspec` is installed as it would be from a registry. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageRoot } from '../targets/package-root.ts';

export interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'boardspec-project-'));

  /** @param from a folder to copy, or nothing for an empty project */
  constructor(from?: string) {
    if (from !== undefined)
      cpSync(from, this.folder, { recursive: true, filter: path => !path.includes('node_modules') && !path.includes('reports') });
    mkdirSync(join(this.folder, 'node_modules'));
    symlinkSync(packageRoot, join(this.folder, 'node_modules', 'boardspec'), 'junction');
  }

  write(path: string, content: string): this {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return this;
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** Runs `boardspec` in the project. */
  boardspec(args: readonly string[], env: Readonly<Record<string, string>> = {}): Result {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(packageRoot, 'bin', 'boardspec.mjs'), ...args], {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', GITHUB_ACTIONS: '', GITHUB_STEP_SUMMARY: '', ...env },
      maxBuffer: 1 << 26,
    });
    return { status, stdout, stderr };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A module that a project has written is at fault: its own code threw, or gave back what has no counterpart on the board. The guest sees nothing of it. */
import { definedModule } from './define-module.ts';

export class ModuleFailure extends Error {
  override readonly name = 'ModuleFailure';

  /**
   * @param where what of the module was running: `add()`, `Counter.step()`
   * @param problem what its code threw, or in words what it did wrong
   */
  constructor(module: string, where: string, problem: { readonly thrown: unknown } | string) {
    const file = (definedModule(module)?.file ?? '').replace(/^file:\/\//, '').replaceAll('%20', ' ');
    super(
      `the module "${module}" failed in ${where}: ${typeof problem === 'string' ? `${problem}\n  in ${file}` : described(problem.thrown)}`,
    );
  }
}

/** Frames of a host error that are worth showing: those of the project's own files. */
const SHOWN_FRAMES = 4;

function described(problem: unknown): string {
  if (!(problem instanceof Error))
    return `it threw ${typeof problem === 'string' ? JSON.stringify(problem) : `a ${typeof problem}, and no Error`}`;
  const frames = (problem.stack ?? '').split('\n').filter(line => /^\s+at /.test(line));
  // Where `invokeModule` stands our own part of the stack begins; of our file are also the functions of the board that the module called.
  const border = frames.findIndex(line => /\binvokeModule\b/.test(line));
  const ours = border < 0 ? undefined : /([^\s(]+?):\d+:\d+\)?$/.exec(frames[border])?.[1];
  const shown = frames
    .slice(0, border < 0 ? undefined : border)
    .filter(line => ours === undefined || !line.includes(ours))
    .slice(0, SHOWN_FRAMES);
  return [
    `${problem.name}: ${problem.message}`,
    ...shown.map(
      line =>
        `  ${line
          .trim()
          .replace(/file:\/\//, '')
          .replaceAll('%20', ' ')}`,
    ),
  ].join('\n');
}

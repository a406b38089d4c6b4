/** For unit tests: a machine without surroundings, and what a program prints on it. */
import { printException } from '../objects/exception.ts';
import { decodeAnyUtf8 } from '../objects/utf8.ts';
import { createVm } from './create.ts';
import { runSource } from './execute.ts';
import { stdout } from './printing.ts';
import type { Profile } from './profile.ts';
import { unixProfile } from './profiles.ts';
import { Raise, raiseOSError } from './raise.ts';
import { runIn, type Vm } from './vm.ts';

const ENOENT = 2;

export interface TestMachine {
  readonly vm: Vm;
  /** Runs a program; returns what it printed, an uncaught exception's traceback at the end. */
  run(source: string): string;
}

export function testMachine(profile: Profile = unixProfile): TestMachine {
  let output = '';
  const vm = createVm(profile, {
    writeStdout: bytes => {
      output += decodeAnyUtf8(bytes);
    },
    writeStderr: text => {
      output += text;
    },
    readStdin: () => -1,
    importStat: () => 'none',
    readFile: () => raiseOSError(ENOENT),
    idle: () => {},
  });
  return {
    vm,
    run: source => {
      output = '';
      runIn(vm, () => {
        try {
          runSource(source, 'test.py', 'file');
        } catch (error) {
          if (!(error instanceof Raise)) throw error;
          printException(stdout, error.exception);
        }
      });
      return output;
    },
  };
}

/** What a program prints on a fresh machine. */
export function outputOf(source: string, profile: Profile = unixProfile): string {
  return testMachine(profile).run(source);
}

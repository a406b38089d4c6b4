/** For unit tests: a machine without surroundings, and what a program prints on it. */
import { Clock } from '../clock/clock.ts';
import { addMount, mountTable } from '../modules/vfs/mounts.ts';
import { newVfsPosix } from '../modules/vfs/posix.ts';
import { printException } from '../objects/exception.ts';
import { decodeAnyUtf8 } from '../objects/utf8.ts';
import type { PosixFiles } from '../storage/posix-files.ts';
import { createVm } from './create.ts';
import { runSource } from './execute.ts';
import { stdout } from './printing.ts';
import type { Profile } from './profile.ts';
import { unixProfile } from './profiles.ts';
import { Raise, raiseOSError } from './raise.ts';
import { type Port, runIn, type Vm } from './vm.ts';

const ENOENT = 2;

export interface TestMachine {
  readonly vm: Vm;
  /** What went to the standard error stream: warnings. */
  errors: string;
  /** Runs a program; returns what it printed, an uncaught exception's traceback at the end. */
  run(source: string, fileName?: string): string;
}

/** With `files`, they are its file system. A program that waits for something that nothing will bring ends in an error. */
export function testMachine(profile: Profile = unixProfile, files?: PosixFiles): TestMachine {
  let output = '';
  const clock = new Clock();
  const port: Port = {
    writeStdout: bytes => {
      output += decodeAnyUtf8(bytes);
    },
    writeStderr: text => {
      machine.errors += text;
    },
    readStdin: () => -1,
    importStat: () => 'none',
    readFile: () => raiseOSError(ENOENT),
    idle: until => {
      const next = Math.min(until, clock.nextDue);
      if (next === Infinity) throw new Error('the program waits for ever');
      clock.advanceTo(next);
    },
    files,
    startDirectory: '/',
  };
  const vm = createVm(profile, port, clock);
  if (files !== undefined) {
    runIn(vm, () => {
      addMount({ point: '/', filesystem: newVfsPosix() });
      mountTable().current = mountTable().mounts[0];
    });
  }
  const machine: TestMachine = {
    vm,
    errors: '',
    run: (source, fileName = 'test.py') => {
      output = '';
      runIn(vm, () => {
        try {
          runSource(source, fileName, 'file');
        } catch (error) {
          if (!(error instanceof Raise)) throw error;
          printException(stdout, error.exception);
        }
      });
      return output;
    },
  };
  return machine;
}

/** What a program prints on a fresh machine. */
export function outputOf(source: string, profile: Profile = unixProfile, files?: PosixFiles): string {
  return testMachine(profile, files).run(source);
}

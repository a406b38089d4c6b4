/** What a process has: a current directory, and open files by number. */

import { MemoryFiles } from '../../storage/memory-files.ts';
import { normalizePath, type PosixFile, type PosixFiles } from '../../storage/posix-files.ts';
import { raiseOSError } from '../../vm/raise.ts';
import { vm } from '../../vm/vm.ts';
import { wallClock } from '../time.ts';

/** Numbers below this are the standard streams'. */
const FIRST_NUMBER = 3;
/** Files that a process may have open on Linux, unless its limits were changed. */
const MAX_FILES = 1024;
const EMFILE = 24;
/** Bytes that a path may have on Linux, the one that ends it included. */
const MAX_PATH = 4096;
const ENAMETOOLONG = 36;

export class PosixState {
  /** Absolute. */
  directory = '/';
  private readonly open = new Map<number, PosixFile>();

  constructor(readonly files: PosixFiles) {}

  /** The path as the files have it. */
  absolute(path: string): string {
    const absolute = normalizePath(path, this.directory);
    if (absolute.length >= MAX_PATH) raiseOSError(ENAMETOOLONG);
    return absolute;
  }

  /** Enters an open file; it gets the lowest free number. */
  add(file: PosixFile): number {
    let number = FIRST_NUMBER;
    while (this.open.has(number)) number++;
    if (number >= MAX_FILES) {
      file.close();
      raiseOSError(EMFILE);
    }
    this.open.set(number, file);
    return number;
  }

  file(number: number): PosixFile | undefined {
    return this.open.get(number);
  }

  remove(number: number): void {
    this.open.delete(number);
  }
}

const KEY = Symbol('posix state');
/** The running machine's. Without files of its port's it has an empty tree in memory. */
export const posixState = (): PosixState =>
  vm.stateOf(KEY, () => {
    const state = new PosixState(vm.port.files ?? new MemoryFiles(undefined, () => wallClock().seconds));
    state.directory = vm.port.startDirectory ?? '/';
    return state;
  });

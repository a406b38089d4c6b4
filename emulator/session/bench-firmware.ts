/** Firmware files on their way into the boards of a bench: by their bootloaders, or by a programmer before the power is on. */
import type { BoardMachine } from '../boot/board-machine.ts';
import type { InstallOptions, InstallState } from '../boot/dfu-bootloader.ts';
import { FirmwareFileError } from '../firmware/dfuse.ts';
import { NoBootloaderError } from '../firmware/firmware-file.ts';
import { SessionError } from './error.ts';

/** @throws SessionError for a file that the board does not take */
export function guardedFirmware<T>(now: number, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof FirmwareFileError) throw new SessionError('bad-image', `the firmware file is refused: ${error.message}`, [], now);
    if (error instanceof NoBootloaderError) throw new SessionError('bad-image', error.message, [], now);
    if (error instanceof RangeError) throw new SessionError('wrong-state', error.message, [], now);
    throw error;
  }
}

/** What became of an installation that is over, when it has failed. */
const FAILURES: Partial<Record<InstallState, string>> = {
  'broken-off': 'was broken off: only its bootloader answers until a firmware is installed again',
  'not-verified': 'was written and reads back otherwise: only its bootloader answers until a firmware is installed again',
};

export class BenchFirmware {
  constructor(
    private readonly board: (name: string) => BoardMachine,
    private readonly now: () => number,
  ) {}

  /** Begins to install a file. @returns ns until it is done */
  begin(board: string, file: Uint8Array, options: InstallOptions): number {
    const machine = this.board(board);
    return guardedFirmware(this.now(), () => machine.install(file, options).duration);
  }

  state(board: string): InstallState | 'none' {
    return this.board(board).installation?.state ?? 'none';
  }

  /** @throws SessionError unless the last installation came to its good end */
  finish(board: string): void {
    const failure = FAILURES[this.state(board) as InstallState];
    if (failure !== undefined) throw new SessionError('wrong-state', `the installation of board "${board}" ${failure}`, [], this.now());
  }
}

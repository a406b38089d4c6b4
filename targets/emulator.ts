/** The virtual board: the main target. Its sessions are the emulator's own; a bench's calls go straight to them. */
import { boards } from '../boards/index.ts';
import { createPool } from '../emulator/session/pool.ts';
import { type Capability, capabilities, type Target, type TargetOptions } from './target.ts';

export function createEmulatorTarget(options: TargetOptions = {}): Target {
  const pool = createPool({ wallLimit: options.wallLimit });
  return {
    name: 'emulator',
    title: 'virtual board',
    capabilities: new Set(Object.keys(capabilities) as Capability[]),
    defaultBoard: 'pyboard-v1.1',
    boards: [...boards.keys()],
    open: setup => pool.open(setup),
    close: () => pool.close(),
  };
}

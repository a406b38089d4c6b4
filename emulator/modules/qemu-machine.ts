/** The module machine of the QEMU port (ports/qemu/modmachine.c): memory by address, and resets that end the run. */
import { excTypes } from '../objects/exception.ts';
import { fun0 } from '../objects/function.ts';
import { raise } from '../vm/raise.ts';
import { mem8, mem16, mem32 } from './machine/mem.ts';
import type { ModuleDef } from './module-def.ts';
import { pinBaseType, signalType } from './virtual-pin.ts';

const end = () => raise(excTypes.SystemExit);

export const qemuMachineModule: ModuleDef = {
  name: 'machine',
  extensible: true,
  names: () => [
    ['mem8', mem8],
    ['mem16', mem16],
    ['mem32', mem32],
    // The emulator exits.
    ['reset', fun0(end)],
    ['soft_reset', fun0(end)],
    ['reset_cause', fun0(() => 0)],
    ['idle', fun0(() => null)],
    ['PinBase', pinBaseType],
    ['Signal', signalType],
  ],
};

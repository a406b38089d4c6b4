/** stm (ports/stm32/modstm.c): memory by address, base addresses of the peripherals, and offsets of their registers. */
import type { Value } from '../vm/value.ts';
import { hardware } from './hardware.ts';
import { mem8, mem16, mem32 } from './machine/mem.ts';
import type { ModuleDef } from './module-def.ts';
import { STM_REGISTERS } from './stm-registers.ts';

/** Names that the chip's header has beside those of our data, and what ours are called there. */
const RENAMED: Readonly<Record<string, readonly string[]>> = { ADC_COMMON: ['ADC123_COMMON'], DAC: ['DAC', 'DAC1'] };

function* baseAddresses(): Iterable<[string, Value]> {
  for (const [name, { base }] of Object.entries(hardware().chip.data.peripherals))
    for (const known of RENAMED[name] ?? [name]) yield [known, base];
}

export const stmModule: ModuleDef = {
  name: 'stm',
  extensible: false,
  names: () => [
    ['mem8', mem8],
    ['mem16', mem16],
    ['mem32', mem32],
    ...baseAddresses(),
    ...Object.entries(STM_REGISTERS).flatMap(([kind, registers]) =>
      Object.entries(registers).map(([register, offset]) => [`${kind}_${register}`, offset] as [string, Value]),
    ),
  ],
};

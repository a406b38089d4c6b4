/** The board's own memory and registers, as the guest reaches them by address: each access happens at its own virtual time. */
import type { AccessSize, MemoryBus } from '../objects/guest-memory.ts';
import type { Chip } from '../peripherals/chip.ts';
import { NotModelledError } from '../peripherals/not-modelled.ts';
import { raiseNotImplemented } from '../vm/raise.ts';
import { now } from '../vm/service.ts';

export class BoardBus implements MemoryBus {
  constructor(private readonly chip: Chip) {}

  read(address: number, size: AccessSize): number {
    now();
    return modelled(() => this.chip.space.read(address, size));
  }

  write(address: number, value: number, size: AccessSize): void {
    now();
    modelled(() => this.chip.space.write(address, value, size));
  }

  view(address: number, length: number): Uint8Array | undefined {
    const { data, memory } = this.chip;
    for (const { name, base, size } of data.memory) {
      const region = memory.get(name);
      if (region !== undefined && address >= base && address + length <= base + size)
        return region.bytes.subarray(address - base, address - base + length);
    }
    return undefined;
  }
}

/** What a peripheral's model does not do ends in an exception of the guest that names it. */
function modelled<T>(access: () => T): T {
  try {
    return access();
  } catch (error) {
    if (error instanceof NotModelledError) raiseNotImplemented(error.message);
    throw error;
  }
}

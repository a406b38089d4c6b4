/** The board's own memory and registers, as the guest reaches them by address: each access happens at its own virtual time. */
import type { AccessSize, MemoryBus } from '../objects/guest-memory.ts';
import type { Chip } from '../peripherals/chip.ts';
import { now } from '../vm/service.ts';

export class BoardBus implements MemoryBus {
  constructor(private readonly chip: Chip) {}

  read(address: number, size: AccessSize): number {
    now();
    return this.chip.space.read(address, size);
  }

  write(address: number, value: number, size: AccessSize): void {
    now();
    this.chip.space.write(address, value, size);
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

/** Where a chip's peripherals are, worked out once for all chips that are made of the same data. */
import type { Chip as ChipData, Peripheral, PeripheralKind } from '../../boards/chips/chip.ts';

/** A peripheral's place in its chip. */
export interface Place extends Readonly<Peripheral> {
  readonly name: string;
  /** Which of its kind it is: 2 for TIM2; 1 where the name has no number. */
  readonly number: number;
  /** Where it stands in the chip's data: from 0. */
  readonly index: number;
  /** Bytes for which it answers from `base` on. */
  readonly size: number;
}

export class ChipMap {
  /** In the order of the chip's data. */
  readonly places: readonly Place[];
  private readonly byName = new Map<string, Place>();
  private readonly byKind = new Map<PeripheralKind, Map<number, Place>>();

  constructor(data: ChipData) {
    this.places = Object.entries(data.peripherals).map(([name, peripheral], index) => {
      const number = Number(/\d+$/.exec(name)?.[0] ?? 1);
      return { ...peripheral, name, number, index, size: sizeOf(peripheral.kind) };
    });
    for (const place of this.places) {
      this.byName.set(place.name, place);
      const kin = this.byKind.get(place.kind) ?? new Map<number, Place>();
      this.byKind.set(place.kind, kin.set(place.number, place));
    }
  }

  named(name: string): Place | undefined {
    return this.byName.get(name);
  }

  numbered(kind: PeripheralKind, number: number): Place | undefined {
    return this.byKind.get(kind)?.get(number);
  }

  /** All of a kind, in the order of the chip's data. */
  all(kind: PeripheralKind): Place[] {
    return [...(this.byKind.get(kind)?.values() ?? [])];
  }

  /** What answers at an address. */
  at(address: number): Place | undefined {
    return this.places.find(({ base, size }) => address >= base && address < base + size);
  }
}

function sizeOf(kind: PeripheralKind): number {
  if (kind === 'adc' || kind === 'adc-common') return 0x100;
  return kind === 'usb-otg' ? 0x4_0000 : 0x400;
}

const known = new WeakMap<ChipData, ChipMap>();

export function chipMapOf(data: ChipData): ChipMap {
  let map = known.get(data);
  if (map === undefined) known.set(data, (map = new ChipMap(data)));
  return map;
}

/**
 * A chip's peripherals, each made when somebody first touches it: a program uses a few of some sixty. One that nobody has touched
 * is as reset left it, and there is nothing to tell it.
 */
import type { ChipMap, Place } from './chip-map.ts';
import type { RegisterBlock } from './register-block.ts';

export class LazyPeripherals {
  private readonly made: (RegisterBlock | undefined)[];

  constructor(
    private readonly map: ChipMap,
    private readonly make: (place: Place) => RegisterBlock,
  ) {
    this.made = new Array(map.places.length).fill(undefined);
  }

  /** The one at that place, made and reset now if it is new. */
  get({ index }: Place): RegisterBlock {
    let block = this.made[index];
    if (block === undefined) {
      block = this.made[index] = this.make(this.map.places[index]);
      block.reset();
    }
    return block;
  }

  /** Visits those that have been made, in the order of the chip's data, so that nothing depends on who was touched first. */
  each(visit: (block: RegisterBlock, place: Place) => void): void {
    const { made } = this;
    for (let index = 0; index < made.length; index++) {
      const block = made[index];
      if (block !== undefined) visit(block, this.map.places[index]);
    }
  }
}

/**
 * A peripheral whose registers have no model: the card controller and the USB controllers, which the firmware drives and
 * programs do not. Touching them says so instead of making something up.
 */
import { NotModelledError } from './not-modelled.ts';
import { RegisterBlock } from './register-block.ts';

export class UnmodelledBlock extends RegisterBlock {
  override reset(): void {}

  override readRegister(offset: number): number {
    throw new NotModelledError(this.name, `its register at offset 0x${offset.toString(16)}`);
  }

  override writeRegister(offset: number): void {
    throw new NotModelledError(this.name, `its register at offset 0x${offset.toString(16)}`);
  }
}

/** The processor's registers that hold interrupts back, as machine code and the language see them. */
import type { Nvic } from '../peripherals/nvic.ts';
import type { InterruptMasks } from '../vm/vm.ts';

export class NvicMasks implements InterruptMasks {
  constructor(private readonly nvic: Nvic) {}

  get primask(): boolean {
    return this.nvic.primask;
  }

  set primask(masked: boolean) {
    this.nvic.setPrimask(masked);
  }

  get basepri(): number {
    return this.nvic.basepri;
  }

  set basepri(value: number) {
    this.nvic.setBasepri(value);
  }

  get exception(): number {
    const { current } = this.nvic;
    return current < 0 ? 0 : current + 16;
  }
}

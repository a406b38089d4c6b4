/** The special registers of a Cortex-M in which the board has a part: what holds interrupts back lies with the interrupt controller. */
import type { InterruptMasks } from '../../vm/vm.ts';
import type { SystemRegisters } from '../thumb/decoded.ts';

/** @param changed called when interrupts may have been let through */
export function interruptRegisters(masks: InterruptMasks, changed: () => void): SystemRegisters {
  let primask = masks.primask ? 1 : 0;
  let faultmask = 0;
  const mask = (): void => {
    masks.primask = (primask | faultmask) !== 0;
    changed();
  };
  return {
    control: 0,
    psp: 0,
    exclusive: -1,
    get ipsr() {
      return masks.exception;
    },
    get primask() {
      // The runtime masks interrupts too (pyb.disable_irq).
      return faultmask ? primask : masks.primask ? 1 : 0;
    },
    set primask(value) {
      primask = value;
      mask();
    },
    get faultmask() {
      return faultmask;
    },
    set faultmask(value) {
      if (!faultmask) primask = masks.primask ? 1 : 0;
      faultmask = value;
      mask();
    },
    get basepri() {
      return masks.basepri;
    },
    set basepri(value) {
      masks.basepri = value;
      changed();
    },
  };
}

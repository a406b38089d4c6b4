/** What a hard fault in machine code does: the board resets, or shows what happened; a machine without a board ends. */
import { vm } from '../../vm/vm.ts';
import type { TrapReport } from '../rv32/trap.ts';
import { ThumbCore } from '../thumb/core.ts';
import type { FaultReport } from '../thumb/fault.ts';
import type { NativeMachine } from './native-machine.ts';

/** A machine that has no board to reset: the run ends here. */
export class HardFault extends Error {
  override readonly name = 'HardFault';
  constructor(readonly report: FaultReport | TrapReport) {
    super(`HardFault: ${JSON.stringify(report)}`);
  }
}

const HFSR_DEBUGEVT = 0x80000000;

export function machineFault(machine: NativeMachine, reason: 'fault' | 'bkpt'): never {
  const { core, memory } = machine;
  if (!(core instanceof ThumbCore)) throw new HardFault(core.trap ?? { mcause: 3, mepc: core.pc, mtval: 0 });
  // A breakpoint without a debugger is a fault of its own kind.
  const report = reason === 'bkpt' ? { ...core.reportFault(0), hfsr: HFSR_DEBUGEVT } : core.fault!;
  vm.port.hardFault?.(report, address => memory.read32(address) >>> 0);
  throw new HardFault(report);
}

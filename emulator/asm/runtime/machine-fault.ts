/** What a hard fault in machine code does: the board resets, or shows what happened; a machine without a board ends. */
import { raiseNotImplemented, raiseRuntimeError } from '../../vm/raise.ts';
import { vm } from '../../vm/vm.ts';
import { BusError } from '../memory-bus.ts';
import { ThumbCore } from '../thumb/core.ts';
import { X64Core } from '../x64/core.ts';
import { X64Trap } from '../x64/trap.ts';
import { causeOf, HardFault } from './hard-fault.ts';
import type { NativeMachine } from './native-machine.ts';

const HFSR_DEBUGEVT = 0x80000000;

export function machineFault(machine: NativeMachine, reason: 'fault' | 'bkpt'): never {
  const { core, memory } = machine;
  if (core instanceof X64Core) throw new Error('a processor without fault reports has stopped with one');
  if (!(core instanceof ThumbCore)) throw new HardFault(core.trap ?? { mcause: 3, mepc: core.pc, mtval: 0 });
  // A breakpoint without a debugger is a fault of its own kind.
  const report = reason === 'bkpt' ? { ...core.reportFault(0), hfsr: HFSR_DEBUGEVT } : core.fault!;
  vm.onHardFault?.(causeOf(report));
  vm.port.hardFault?.(report, address => memory.read32(address) >>> 0);
  throw new HardFault(report);
}

/**
 * Faults of a process, for which the reference would be ended by its operating system: the guest gets an exception of its own. Anything else is given back as it is.
 */
export function asGuestError(thrown: unknown): unknown {
  // The runtime's functions trust their callers, as the reference's do: one that gets an object of another kind than it works on fails somewhere inside.
  if (!(thrown instanceof X64Trap) && !(thrown instanceof BusError) && !(thrown instanceof TypeError)) return thrown;
  try {
    if (thrown instanceof TypeError) raiseRuntimeError('machine code: wrong kind of object for a function of the runtime');
    if (thrown instanceof BusError) raiseRuntimeError(`machine code: nothing at address 0x${thrown.address.toString(16)}`);
    switch (thrown.kind) {
      case 'undefined':
        return raiseNotImplemented(`machine code: instruction ${hex(thrown.code)} is not modelled`);
      case 'address':
        return raiseRuntimeError(
          `machine code: nothing at address ${thrown.address < 0 ? '-' : ''}0x${Math.abs(thrown.address).toString(16)}`,
        );
      case 'divide':
        return raiseRuntimeError('machine code: division by zero, or with a result that does not fit');
      default:
        return raiseRuntimeError('machine code: breakpoint');
    }
  } catch (raised) {
    return raised;
  }
}

const hex = (bytes: readonly number[]): string => bytes.map(byte => byte.toString(16).padStart(2, '0')).join(' ');

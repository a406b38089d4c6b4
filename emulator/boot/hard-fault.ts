/** What the firmware prints about a hard fault (HardFault_C_Handler in ports/stm32/stm32_it.c of MicroPython 1.27.0), and what it is made of. */
import { NATIVE_STACK_BASE, NATIVE_STACK_TOP } from '../objects/identity.ts';
import type { HardFaultReport } from '../vm/vm.ts';

const HFSR_FORCED = 0x4000_0000;
const CFSR_MMARVALID = 0x80;
const CFSR_BFARVALID = 0x8000;
const CFSR_PRECISERR = 0x200;
/** Words of a stack outside of the main one that are shown. */
const FOREIGN_STACK_WORDS = 32;

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

/**
 * The dump, with the line ends that are sent.
 *
 * @param memory reads the word at an address
 * @param ram first address of the RAM, and the one behind the last
 */
export function describeHardFault(report: HardFaultReport, memory: (address: number) => number, ram: readonly [number, number]): string {
  const lines = ['HardFault'];
  const register = (name: string, value: number): number => lines.push(name.padEnd(6) + hex(value));
  const { sp, cfsr } = report;
  register('R0', report.r0);
  register('R1', report.r1);
  register('R2', report.r2);
  register('R3', report.r3);
  register('R12', report.r12);
  register('SP', sp);
  register('LR', report.lr);
  register('PC', report.pc);
  register('XPSR', report.xpsr);
  register('HFSR', report.hfsr);
  register('CFSR', cfsr);
  if (cfsr & CFSR_MMARVALID) register('MMFAR', report.mmfar);
  if (cfsr & CFSR_BFARVALID) register('BFAR', report.bfar);
  if (sp >= ram[0] && sp < ram[1]) {
    lines.push('Stack:');
    const top = sp < NATIVE_STACK_BASE ? sp + 4 * FOREIGN_STACK_WORDS : NATIVE_STACK_TOP;
    for (let at = sp; at < top; at += 4) lines.push(`  ${hex(at)}  ${hex(memory(at))}`);
  }
  return lines.map(line => `${line}\r\n`).join('');
}

/** Where the firmware accesses memory for the guest (machine.mem32 and the like): an address in its flash, and one on its stack. */
const FIRMWARE_PC = 0x0803_5a2c;
const FIRMWARE_LR = 0x0802_7b15;
const FIRMWARE_SP = NATIVE_STACK_TOP - 0x120;

/** The fault of an access by the firmware's own code to an address at which nothing answers. */
export function firmwareFault(address: number): HardFaultReport {
  return {
    hfsr: HFSR_FORCED,
    cfsr: CFSR_PRECISERR | CFSR_BFARVALID,
    mmfar: address,
    bfar: address,
    sp: FIRMWARE_SP,
    r0: address,
    r1: 0,
    r2: 0,
    r3: address,
    r12: 0,
    lr: FIRMWARE_LR,
    pc: FIRMWARE_PC,
    xpsr: 0x0100_0000,
  };
}

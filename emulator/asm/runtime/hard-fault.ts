/** A hard fault in words, and what is thrown for it where there is no board that could reset. */
import { nothingAt } from '../../objects/guest-memory.ts';
import { placeOf } from '../../vm/frame.ts';
import { type HardFaultReport, vm } from '../../vm/vm.ts';
import { Cause, type TrapReport } from '../rv32/trap.ts';
import {
  CFSR_BFARVALID,
  CFSR_DACCVIOL,
  CFSR_DIVBYZERO,
  CFSR_IACCVIOL,
  CFSR_IBUSERR,
  CFSR_IMPRECISERR,
  CFSR_INVPC,
  CFSR_INVSTATE,
  CFSR_MMARVALID,
  CFSR_NOCP,
  CFSR_PRECISERR,
  CFSR_UNALIGNED,
  CFSR_UNDEFINSTR,
} from '../thumb/fault.ts';

/** A machine that has no board to reset: the run ends here. */
export class HardFault extends Error {
  override readonly name = 'HardFault';
  readonly where = placeOf(vm.frame);

  constructor(readonly report: HardFaultReport | TrapReport) {
    super(causeOf(report));
  }
}

const hex = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, '0')}`;

/** By the bits of CFSR (ARMv7-M Architecture Reference Manual, B3.2.15). */
const THUMB_CAUSES: readonly (readonly [bits: number, text: (report: HardFaultReport) => string])[] = [
  [CFSR_PRECISERR | CFSR_BFARVALID, ({ bfar }) => nothingAt(bfar)],
  [CFSR_DACCVIOL | CFSR_MMARVALID, ({ mmfar }) => `forbidden access to ${hex(mmfar)}`],
  [CFSR_PRECISERR, () => 'access to an address where nothing answers'],
  [CFSR_IMPRECISERR, () => 'write to an address where nothing answers'],
  [CFSR_DACCVIOL, () => 'forbidden access'],
  [CFSR_IBUSERR | CFSR_IACCVIOL, ({ pc }) => `jump to ${hex(pc)}, where there is no code`],
  [CFSR_UNDEFINSTR, ({ pc }) => `undefined instruction at ${hex(pc)}`],
  [CFSR_INVSTATE, ({ pc }) => `jump to ${hex(pc)}, which is no Thumb code: bit 0 of the target was clear`],
  [CFSR_INVPC, () => 'invalid return from an interrupt'],
  [CFSR_NOCP, ({ pc }) => `instruction at ${hex(pc)} for a coprocessor that is off, or that is not there`],
  [CFSR_UNALIGNED, ({ pc }) => `unaligned access by the instruction at ${hex(pc)}`],
  [CFSR_DIVBYZERO, ({ pc }) => `division by zero at ${hex(pc)}`],
];

const TRAP_CAUSES: Partial<Record<Cause, (report: TrapReport) => string>> = {
  [Cause.InstructionMisaligned]: ({ mtval }) => `jump to ${hex(mtval)}, which is misaligned`,
  [Cause.InstructionAccess]: ({ mtval }) => `jump to ${hex(mtval)}, where there is no code`,
  [Cause.IllegalInstruction]: ({ mepc }) => `undefined instruction at ${hex(mepc)}`,
  [Cause.LoadMisaligned]: ({ mtval }) => `unaligned access to ${hex(mtval)}`,
  [Cause.LoadAccess]: ({ mtval }) => nothingAt(mtval),
  [Cause.StoreMisaligned]: ({ mtval }) => `unaligned access to ${hex(mtval)}`,
  [Cause.StoreAccess]: ({ mtval }) => nothingAt(mtval),
  [Cause.EnvironmentCall]: ({ mepc }) => `system call at ${hex(mepc)}, and no system`,
};

export function causeOf(report: HardFaultReport | TrapReport): string {
  if ('mcause' in report) return TRAP_CAUSES[report.mcause as Cause]?.(report) ?? `breakpoint without a debugger at ${hex(report.mepc)}`;
  for (const [bits, text] of THUMB_CAUSES) {
    const addressed = bits & (CFSR_BFARVALID | CFSR_MMARVALID);
    if ((report.cfsr & addressed) === addressed && (report.cfsr & bits & ~addressed) !== 0) return text(report);
  }
  return `breakpoint without a debugger at ${hex(report.pc)}`;
}

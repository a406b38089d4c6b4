/** What the package offers to programs: see `boardspec/steps` for steps. */

export { boards } from './boards/index.ts';
export type * from './emulator/session/handle.ts';
export { createTarget, targetNames } from './targets/index.ts';
export type { Capability, Dut, Target, TargetSession } from './targets/target.ts';
export { CapabilityMissing, TargetError, UnknownBoardError, UnknownTargetError } from './targets/target.ts';

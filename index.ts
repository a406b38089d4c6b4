/** What the package offers to programs: see `boardspec/steps` for steps. */

export { boards } from './boards/index.ts';
export { defineModule, ModuleDefinitionError } from './emulator/modules/extension/define-module.ts';
export type {
  Arguments,
  AttributeDefinition,
  ClassDefinition,
  FunctionDefinition,
  GuestFunction,
  GuestObject,
  HostValue,
  MethodDefinition,
  ModuleBoard,
  ModuleDefinition,
  ModulePin,
  Parameter,
  Parameters,
  ParameterType,
  ReturnType,
} from './emulator/modules/extension/definition.ts';
export { defineFunction, float, GuestError, PyFloat, PyTuple, tuple } from './emulator/modules/extension/definition.ts';
export type * from './emulator/session/handle.ts';
export { createTarget, targetNames } from './targets/index.ts';
export type { Capability, Dut, Target, TargetSession } from './targets/target.ts';
export { CapabilityMissing, TargetError, UnknownBoardError, UnknownTargetError } from './targets/target.ts';

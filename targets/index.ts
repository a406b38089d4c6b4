/** The targets by name, and those that are planned, so that choosing one of them says so. */
import { createEmulatorTarget } from './emulator.ts';
import { type Target, type TargetOptions, UnknownTargetError } from './target.ts';
import { createWasmTarget } from './wasm.ts';

const builders: Readonly<Record<string, (options: TargetOptions) => Target>> = {
  emulator: createEmulatorTarget,
  wasm: createWasmTarget,
};

const planned: Readonly<Record<string, string>> = {
  process: 'a MicroPython executable of the host',
  container: 'MicroPython in a container',
  serial: 'a board on a serial port',
  rp2040js: 'a Raspberry Pi Pico in rp2040js',
};

export const targetNames: readonly string[] = Object.keys(builders);

/** @throws UnknownTargetError that names what there is */
export function createTarget(name: string, options: TargetOptions = {}): Target {
  if (Object.hasOwn(builders, name)) return builders[name](options);
  throw new UnknownTargetError(name, targetNames, Object.hasOwn(planned, name) ? `not built yet (${planned[name]})` : undefined);
}

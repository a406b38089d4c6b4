/** Warnings that a build with them prints on its error stream (py/warning.c). */
import { vm } from './vm.ts';

export function warn(category: string | null, message: string): void {
  vm.port.writeStderr(`${category ?? 'Warning'}: ${message}\n`);
}

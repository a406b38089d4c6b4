/** Warnings that a build with them prints on its error stream (py/warning.c). */
import { vm } from './vm.ts';

/** `category` is shown by builds that have categories; the others say Warning. */
export function warn(category: string | null, message: string): void {
  vm.port.writeStderr(`${category !== null && vm.feature('warningCategories') ? category : 'Warning'}: ${message}\n`);
}

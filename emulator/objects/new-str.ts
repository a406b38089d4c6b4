/** Making strings: what a new one takes on the guest's heap (py/objstr.c, py/qstr.c). */
import { intern, isInterned } from '../vm/interning.ts';
import { vm, vmHooks } from '../vm/vm.ts';
import { utf8Length } from './str-width.ts';

/** No JavaScript string can be longer (V8). */
const HOST_MAX_LENGTH = 2 ** 29 - 32;

/** A str that was computed: takes heap for the object and its bytes, unless it is interned. */
export function newStr(text: string): string {
  if (!isInterned(text)) allocStr(utf8Length(text));
  return text;
}

/** As `newStr`, when the bytes were taken from another object's and are shared with it: only the object is new. */
export function newSharedStr(text: string): string {
  if (!isInterned(text)) vm.heap.alloc(4 * vm.wordSize);
  return text;
}

/** Takes heap for a str or bytes object of `bytes` bytes. Call it before the host's own memory is used for a large one. */
export function allocStr(bytes: number): void {
  if (bytes > HOST_MAX_LENGTH) vmHooks.memoryError(bytes + 1, false);
  vm.heap.alloc(bytes + 1);
  vm.heap.alloc(4 * vm.wordSize);
}

/** A str that is interned, if it is not yet: names of attributes, single characters. */
export function internStr(text: string): string {
  intern(text);
  return text;
}

/** Raises MemoryError unless `bytes` fit the heap now: for text that is built in the host's memory before its object is accounted for. */
export function requireRoom(bytes: number): void {
  if (bytes > HOST_MAX_LENGTH) vmHooks.memoryError(bytes, false);
  vm.heap.alloc(bytes);
  vm.heap.free(bytes);
}

/** A negative size is a huge one to C: no heap has room for it. */
export function raiseNegativeSize(bytes: number): never {
  vmHooks.memoryError(bytes, false);
}

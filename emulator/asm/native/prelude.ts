/** The prelude behind native code, in the form that bytecode has in front (py/bc.h of MicroPython 1.27.0). */
import type { Scope } from '../../compiler/scope.ts';

/** Scope flags that the prelude holds. */
const PRELUDE_FLAGS = 0x0f;

/** Signature (xSSSSEAA xFSSKAED…, without exception stack) and sizes of names and cells (xIIIIIIC…). */
export function writePrelude(scope: Scope, stateWords: number, infoLength: number, cellCount: number, write: (byte: number) => void): void {
  let state = stateWords - 1;
  let flags = scope.flags & PRELUDE_FLAGS;
  let positional = scope.numPosArgs;
  let keyword = scope.numKwOnlyArgs;
  let defaults = scope.numDefPosArgs;
  let byte = ((state & 0xf) << 3) | (positional & 3);
  state >>>= 4;
  positional >>= 2;
  while ((state | flags | positional | keyword | defaults) !== 0) {
    write(0x80 | byte);
    byte = ((flags & 1) << 6) | ((state & 3) << 4) | ((keyword & 1) << 3) | ((positional & 1) << 2) | (defaults & 1);
    state >>>= 2;
    flags >>= 1;
    positional >>= 1;
    keyword >>= 1;
    defaults >>= 1;
  }
  write(byte);
  let info = infoLength;
  let cells = cellCount;
  do {
    byte = ((info & 0x3f) << 1) | (cells & 1);
    info >>= 6;
    cells >>= 1;
    if ((info | cells) !== 0) byte |= 0x80;
    write(byte);
  } while ((info | cells) !== 0);
}

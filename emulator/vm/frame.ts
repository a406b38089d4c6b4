/** A running (or suspended) function: its variables, its value stack, its exception handlers. Frames are objects on the heap (DESIGN D9). */
import type { MpDict } from '../objects/dict.ts';
import type { CodeObject } from './code.ts';
import type { Value } from './value.ts';

/** No handlers: most frames never have any. Not to be changed. */
export const NONE: never[] = [];

export class Frame {
  /** The value stack from 0 up, locals from the end down, as in the reference. */
  readonly state: (Value | undefined)[];
  sp: number;
  /** Index of the next instruction while the frame does not run. */
  pc = 0;
  /** Exception handlers, innermost last: instruction, value stack pointer, 1 for finally and with. */
  handlers: number[] = NONE;
  /** The exception that each handler has caught. */
  caught: (Value | undefined)[] = NONE;
  /** Who is returned to; null at the bottom of a run of the interpreter. */
  caller: Frame | null = null;
  /** Where `caller` is null: the frame whose native call this run of the interpreter is inside of. */
  outer: Frame | null = null;
  /** It is the `__init__` of this new instance, which is what the call gives. */
  constructs: Value | undefined = undefined;
  /** Heap bytes to give back on return, and C stack to release. */
  heapBytes = 0;
  stackBytes = 0;

  constructor(
    readonly code: CodeObject,
    readonly globals: MpDict,
  ) {
    this.state = code.blankState.slice();
    // Code that nobody vouches for must not make it grow, nor write in front of it.
    if (code.module.isForeign) Object.preventExtensions(this.state);
    this.sp = -1;
  }
}

/** Where the guest is, by the last instruction of this frame that anything could look at: `main.py:12 in loop`. Undefined for no frame. */
export const placeOf = (frame: Frame | null): string | undefined =>
  frame === null ? undefined : `${frame.code.module.fileName}:${frame.code.lineOf(Math.max(0, frame.pc - 1))} in ${frame.code.name}`;

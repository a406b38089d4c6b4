/** An object of a class that a project's module defines. */
import type { MpType } from '../../vm/type.ts';
import { MpObj, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import type { ModuleLife } from './life.ts';

/** What such an object takes on the board's heap: a type, and three words of its own. */
const WORDS = 4;

export class GuestModuleObject extends MpObj {
  constructor(
    type: MpType,
    readonly life: ModuleLife,
    /** What the module's `create` returned. */
    readonly state: object,
  ) {
    super(type);
    vm.heap.alloc(WORDS * vm.wordSize);
  }

  override heapBytes(): number {
    return WORDS * vm.wordSize;
  }

  /** The guest's values that it holds are held by the module's life. */
  override heldValues(): Iterable<Value | undefined> {
    return [];
  }
}

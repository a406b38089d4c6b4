/** Types whose names depend on the board: their namespace belongs to a machine, where other built-in types share one between all of them. */
import type { MpMap } from '../objects/map.ts';
import { MpType, mapHooks, type TypeSlots } from '../vm/type.ts';
import { vm } from '../vm/vm.ts';

export class BoardType extends MpType {
  private readonly source: NonNullable<TypeSlots['locals']>;

  constructor(name: string, slots: TypeSlots & { locals: NonNullable<TypeSlots['locals']> }) {
    super(name, { ...slots, locals: undefined });
    this.source = slots.locals;
  }

  override get locals(): MpMap | null {
    return vm.volatileStateOf(this, () => mapHooks.fixedMap(this.source()));
  }
  override set locals(_map: MpMap | null) {
    // It is made anew for each machine.
  }
}

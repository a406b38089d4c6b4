/** What a built-in module is, before a machine has imported it. */
import type { MpModule } from '../objects/module.ts';
import type { Locals } from '../vm/type.ts';

export interface ModuleDef {
  readonly name: string;
  /** A file of this name on `sys.path` takes preference, and the name with a `u` in front means the built-in one. */
  readonly extensible: boolean;
  /** Its names, `__name__` not included, in the reference's order. Called once for each machine, while that is running. */
  readonly names: () => Locals;
  /** Called once for each machine, with the new module: for attributes that are computed (`module.delegate`). */
  readonly setUp?: (module: MpModule) => void;
}

/** What stands for a native function among the frames of guest code: it says which globals are in force, and that it is not to be returned through. */
import { CodeKind } from '../../compiler/rawcode.ts';
import type { MpDict } from '../../objects/dict.ts';
import { CodeObject, ModuleCode } from '../../vm/code.ts';
import { Frame } from '../../vm/frame.ts';
import { vm } from '../../vm/vm.ts';

const KEY = Symbol('native frame code');

/** Code without a name, in ROM: `return None`. */
const placeholder = (): CodeObject =>
  vm.stateOf(KEY, () => {
    const root = { kind: CodeKind.Bytecode, code: Uint8Array.of(0x00, 0x02, 0x00, 0x51, 0x63), children: [], scopeFlags: 0 };
    return new CodeObject(root, new ModuleCode({ qstrs: [''], consts: [], root }, true));
  });

export class NativeFrame extends Frame {
  constructor(globals: MpDict) {
    super(placeholder(), globals);
    this.outer = vm.frame;
  }
}

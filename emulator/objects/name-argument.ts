/** Names that the guest passes to built-in functions: attributes, modules, fields (mp_obj_str_get_qstr in py/objstr.c). */
import { intern } from '../vm/interning.ts';
import { raiseTypeError } from '../vm/raise.ts';
import { typeName } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';

/** The text of a str, which is interned; raises TypeError for anything else, bytes included. */
export function nameArgument(value: Value): string {
  if (typeof value === 'string') {
    intern(value);
    return value;
  }
  raiseTypeError(vm.terse ? "can't convert to str implicitly" : `can't convert '${typeName(value)}' object to str implicitly`);
}

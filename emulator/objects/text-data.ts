/** The text of a str or bytes argument (mp_obj_str_get_data in py/objstr.c). */
import { raiseTypeError } from '../vm/raise.ts';
import { typeName } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { byteTextOfBytes, byteTextOfStr } from './byte-text.ts';
import { MpBytes } from './bytes.ts';

/** The bytes of a str or bytes object, as byte text. Raises TypeError for anything else. */
export function textData(value: Value): string {
  if (typeof value === 'string') return byteTextOfStr(value);
  if (value instanceof MpBytes) return byteTextOfBytes(value.data);
  raiseImplicitConversion(value);
}

export function raiseImplicitConversion(value: Value): never {
  if (vm.terse) raiseTypeError("can't convert to str implicitly");
  const name = typeName(value);
  raiseTypeError(`can't convert '${name}' object to ${name === 'str' ? 'bytes' : 'str'} implicitly`);
}

/** The buffer protocol: an object's bytes (mp_get_buffer in py/obj.c). */
import { raiseTypeError } from '../vm/raise.ts';
import type { BufferFlag, BufferView } from '../vm/type.ts';
import { typeOf } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';

/** A live view of the value's bytes; undefined when it has none, or not with this access. */
export function bufferMaybe(value: Value, flags: BufferFlag): BufferView | undefined {
  return typeOf(value).buffer?.(value, flags);
}

/** A live view of the value's bytes. Raises TypeError when it has none, or not with this access. */
export function bufferOf(value: Value, flags: BufferFlag): BufferView {
  const view = bufferMaybe(value, flags);
  if (view === undefined) raiseTypeError('object with buffer protocol required');
  return view;
}

/** The tables that all functions of a module share (py/emitcommon.c of MicroPython 1.27.0). */

import type { Qstr } from './qstr-pool.ts';
import { type Const, ConstBytes, ConstComplex, ConstEllipsis, ConstFloat, ConstFunctionTable, ConstTuple } from './rawcode.ts';

/** Qstrs in order of first use; the source file's name is the first. */
export class QstrTable {
  readonly qstrs: Qstr[] = [];
  private readonly indices: (number | undefined)[] = [];

  constructor(sourceFile: Qstr) {
    this.use(sourceFile);
  }

  use(qstr: Qstr): number {
    const index = this.indices[qstr];
    if (index !== undefined) return index;
    this.indices[qstr] = this.qstrs.length;
    return this.qstrs.push(qstr) - 1;
  }
}

/** Constant objects in order of first use, each once. */
export class ConstTable {
  readonly consts: Const[] = [];
  /** Constants that are not equal to themselves are told by identity, and so are the others once they have been seen. */
  private readonly byIdentity = new Map<Const, number>();
  private readonly byValue = new Map<string, number>();

  use(value: Const): number {
    const known = typeof value === 'object' ? this.byIdentity.get(value) : undefined;
    if (known !== undefined) return known;
    const key = equalityKey(value);
    let index = key === null ? undefined : this.byValue.get(key);
    if (index === undefined) {
      index = this.consts.push(value) - 1;
      if (key !== null) this.byValue.set(key, index);
    }
    if (typeof value === 'object') this.byIdentity.set(value, index);
    return index;
  }
}

/**
 * A text that is the same for constants of the same type and value (0.0 and -0.0 differ), or null for one with a NaN in it, which is
 * equal to nothing.
 */
function equalityKey(value: Const): string | null {
  if (value === null) return 'N';
  switch (typeof value) {
    case 'boolean':
      return value ? 'T' : 'F';
    case 'number':
    case 'bigint':
      return `i${value}`;
    case 'string':
      return `s${value.length}:${value}`;
  }
  if (value instanceof ConstBytes) {
    let key = `b${value.data.length}:`;
    for (const byte of value.data) key += String.fromCharCode(byte);
    return key;
  }
  if (value instanceof ConstFloat) return Number.isNaN(value.value) ? null : Object.is(value.value, -0) ? 'f-0' : `f${value.value}`;
  if (value instanceof ConstComplex) {
    return Number.isNaN(value.real) || Number.isNaN(value.imag) ? null : `c${value.real},${value.imag}`;
  }
  if (value instanceof ConstEllipsis) return 'E';
  if (value instanceof ConstFunctionTable) return 'X';
  if (value instanceof ConstTuple) {
    let key = `t${value.items.length}:`;
    for (const item of value.items) {
      const itemKey = equalityKey(item);
      if (itemKey === null) return null;
      key += `${itemKey},`;
    }
    return key;
  }
  return null;
}

/** What dict.keys(), values() and items() give, and the iterator over a dict (py/objdict.c). */
import { printValue } from '../vm/printing.ts';
import { MpType, TypeFlag } from '../vm/type.ts';
import type { Printer, Value } from '../vm/value.ts';
import { BinaryOp, MpObj, PrintKind, UnaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import type { MpDict } from './dict.ts';
import { dictBinaryOp, dictUnaryOp } from './dict.ts';
import { identityHash } from './identity.ts';
import { newTuple } from './tuple.ts';

export enum DictView {
  Items,
  Keys,
  Values,
}
const NAMES = ['dict_items', 'dict_keys', 'dict_values'];

const dictIteratorType = new MpType('iterator', {
  flags: TypeFlag.IterIsSelf,
  next: (self: MpDictIterator) => self.advance(),
});

/** Walks the table by slots: what is stored or deleted meanwhile is seen or not, as on the device. */
export class MpDictIterator extends MpObj {
  private slot = -1;
  constructor(
    readonly dict: MpDict,
    readonly kind: DictView,
  ) {
    super(dictIteratorType);
  }
  advance(): Value | undefined {
    const { map } = this.dict;
    const slot = map.nextSlot(this.slot + 1);
    if (slot < 0) return undefined;
    this.slot = slot;
    const key = map.keys[slot] as Value;
    if (this.kind === DictView.Keys) return key;
    const value = map.values[slot] as Value;
    return this.kind === DictView.Values ? value : newTuple([key, value]);
  }
}

const dictViewType = new MpType('dict_view', {
  print(out: Printer, self: MpDictView) {
    out.write(`${NAMES[self.kind]}([`);
    const iterator = new MpDictIterator(self.dict, self.kind);
    let first = true;
    for (let item = iterator.advance(); item !== undefined; item = iterator.advance()) {
      if (!first) out.write(', ');
      first = false;
      printValue(out, item, PrintKind.Repr);
    }
    out.write('])');
  },
  unaryOp(op: UnaryOp, self: MpDictView): Value | undefined {
    if (op === UnaryOp.Hash && self.kind === DictView.Values) return identityHash(self);
    return dictUnaryOp(op, self.dict);
  },
  binaryOp: (op: BinaryOp, lhs: MpDictView, rhs: Value) =>
    lhs.kind === DictView.Keys && op === BinaryOp.Contains ? dictBinaryOp(op, lhs.dict, rhs) : undefined,
  iter: (self: MpDictView) => new MpDictIterator(self.dict, self.kind),
});

export class MpDictView extends MpObj {
  constructor(
    readonly dict: MpDict,
    readonly kind: DictView,
  ) {
    super(dictViewType);
  }
}

export function newDictView(dict: MpDict, kind: DictView): MpDictView {
  vm.heap.alloc(3 * vm.wordSize);
  return new MpDictView(dict, kind);
}

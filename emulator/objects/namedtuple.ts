/** collections.namedtuple (py/objnamedtuple.c): each call makes a type. */
import { arrayItems } from '../vm/iteration.ts';
import { raiseAttributeError, raiseTypeError } from '../vm/raise.ts';
import { MpType, TypeFlag } from '../vm/type.ts';
import type { KwArgs, MethodRef, Printer, Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { printFields } from './attrtuple.ts';
import { nameArgument } from './name-argument.ts';
import { accountForTuple, MpTuple, tupleBinaryOp, tupleGetItem, tupleIter, tupleType, tupleUnaryOp } from './tuple.ts';

/** Words that such a type takes besides its fields: a type's header of 20 or 24 bytes, eight slots, and the count of fields. */
const typeWords = (): number => (vm.wordSize === 4 ? 14 : 12);

export class MpNamedTupleType extends MpType {
  constructor(
    name: string,
    readonly fields: readonly string[],
  ) {
    super(name, {
      // It can equal a plain tuple.
      flags: TypeFlag.EqChecksOtherType,
      makeNew,
      print(out: Printer, self: MpTuple) {
        out.write(self.type.name);
        printFields(out, (self.type as MpNamedTupleType).fields, self);
      },
      unaryOp: tupleUnaryOp,
      binaryOp: tupleBinaryOp,
      loadAttr(self: MpTuple, attribute: string, dest: MethodRef): boolean {
        const at = (self.type as MpNamedTupleType).fields.indexOf(attribute);
        if (at >= 0) dest.member = self.items[at];
        return true;
      },
      storeAttr: (): never => raiseAttributeError("can't set attribute"),
      getItem: tupleGetItem,
      iter: tupleIter,
      parent: tupleType,
    });
  }
}

/** `namedtuple(name, fields)`: fields in a list or tuple, or in a string with blanks between them. */
export function newNamedTupleType(name: Value, fields: Value): MpNamedTupleType {
  const typeName = nameArgument(name);
  const names = typeof fields === 'string' ? fields.split(/[ \t\n\r\v\f]+/).filter(field => field !== '') : arrayItems(fields);
  vm.heap.alloc((typeWords() + names.length) * vm.wordSize);
  return new MpNamedTupleType(typeName, names.map(nameArgument));
}

function makeNew(type: MpType, args: readonly Value[], kw: KwArgs): Value {
  const { fields } = type as MpNamedTupleType;
  const given = args.length + (kw === null ? 0 : kw.length / 2);
  if (given !== fields.length) {
    if (vm.terse) raiseTypeError('argument num/types mismatch');
    raiseTypeError(`${vm.detailed ? `${type.name}()` : 'function'} takes ${fields.length} positional arguments but ${given} were given`);
  }
  accountForTuple(fields.length);
  const items: (Value | undefined)[] = args.slice();
  for (let i = args.length; i < fields.length; i++) items.push(undefined);
  if (kw !== null) {
    for (let i = 0; i < kw.length; i += 2) {
      const at = fields.indexOf(kw[i] as string);
      if (at < 0) raiseTypeError(vm.terse ? 'argument num/types mismatch' : `unexpected keyword argument '${kw[i]}'`);
      if (items[at] !== undefined) {
        raiseTypeError(vm.terse ? 'argument num/types mismatch' : `function got multiple values for argument '${kw[i]}'`);
      }
      items[at] = kw[i + 1];
    }
  }
  return new MpTuple(items as Value[], type);
}

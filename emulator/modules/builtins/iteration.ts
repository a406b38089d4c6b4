/** Built-in functions that go through an iterable (py/modbuiltins.c). */
import { fun1, funKw, funVar } from '../../objects/function.ts';
import { listOf, listSort } from '../../objects/list.ts';
import { call1 } from '../../vm/call.ts';
import { getIter, iterNext } from '../../vm/iteration.ts';
import { binaryOp, isTrue, len } from '../../vm/operators.ts';
import { raiseTypeError, raiseValueError } from '../../vm/raise.ts';
import type { KwArgs, Value } from '../../vm/value.ts';
import { BinaryOp } from '../../vm/value.ts';

export function iterationFunctions(): [string, Value][] {
  return [
    ['all', fun1(iterable => !some(iterable, item => !isTrue(item)))],
    ['any', fun1(iterable => some(iterable, isTrue))],
    ['iter', fun1(value => getIter(value))],
    ['len', fun1(len)],
    ['max', funKw(1, (args, kw) => best(BinaryOp.More, args, kw))],
    ['min', funKw(1, (args, kw) => best(BinaryOp.Less, args, kw))],
    ['sorted', funKw(1, sorted)],
    ['sum', funVar(1, 2, sum)],
  ];
}

function some(iterable: Value, test: (item: Value) => boolean): boolean {
  const iterator = getIter(iterable, true);
  for (let item = iterNext(iterator); item !== undefined; item = iterNext(iterator)) if (test(item)) return true;
  return false;
}

function keyword(kw: KwArgs, name: string): Value | undefined {
  const at = kw === null ? -1 : kw.findIndex((word, i) => i % 2 === 0 && word === name);
  return at < 0 ? undefined : kw![at + 1];
}

/** min and max: of an iterable, or of several arguments. `key` and `default` are looked for, other keywords are ignored. */
function best(op: BinaryOp, args: readonly Value[], kw: KwArgs): Value {
  const key = keyword(kw, 'key');
  let bestItem: Value | undefined;
  let bestKey: Value;
  const consider = (item: Value): void => {
    const itemKey = key === undefined ? item : call1(key, item);
    if (bestItem === undefined || binaryOp(op, itemKey, bestKey) === true) {
      bestItem = item;
      bestKey = itemKey;
    }
  };
  if (args.length === 1) {
    const iterator = getIter(args[0], true);
    for (let item = iterNext(iterator); item !== undefined; item = iterNext(iterator)) consider(item);
  } else args.forEach(consider);
  const result = bestItem === undefined ? keyword(kw, 'default') : bestItem;
  if (result === undefined) raiseValueError('arg is an empty sequence');
  return result;
}

function sorted(args: readonly Value[], kw: KwArgs): Value {
  if (args.length > 1) raiseTypeError('must use keyword argument for key function');
  const list = listOf(args[0]);
  listSort([list], kw);
  return list;
}

function sum(args: readonly Value[]): Value {
  let total = args.length > 1 ? args[1] : 0;
  const iterator = getIter(args[0], true);
  for (let item = iterNext(iterator); item !== undefined; item = iterNext(iterator)) total = binaryOp(BinaryOp.Add, total, item);
  return total;
}

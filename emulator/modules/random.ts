/** The module random (extmod/modrandom.c): Ilya Levin's generator Yasmarang, with the reference's sequence for each seed. */
import { excTypes } from '../objects/exception.ts';
import { newFloat, toFloat } from '../objects/float.ts';
import { fun0, fun1, fun2, funVar } from '../objects/function.ts';
import { newInt, toIntTruncated } from '../objects/int.ts';
import { lenMaybe, toInt } from '../vm/operators.ts';
import { raise, raiseTypeError, raiseValueError } from '../vm/raise.ts';
import { getItem } from '../vm/subscript.ts';
import { typeName } from '../vm/type.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { random32 } from './entropy.ts';
import type { ModuleDef } from './module-def.ts';

const FIRST_SEED = 0xeda4baba;

class Yasmarang {
  private pad = FIRST_SEED;
  private n = 69;
  private d = 233;
  private dat = 0;
  /** The module seeds itself when it is imported for the first time. */
  seeded = false;

  seed(seed: number): void {
    this.pad = seed >>> 0;
    this.n = 69;
    this.d = 233;
    this.dat = 0;
  }

  next(): number {
    this.pad = (this.pad + this.dat + Math.imul(this.d, this.n)) >>> 0;
    this.pad = (((this.pad << 3) >>> 0) + (this.pad >>> 29)) >>> 0;
    this.n = (this.pad | 2) >>> 0;
    this.d = (this.d ^ (((this.pad << 31) >>> 0) + (this.pad >>> 1))) >>> 0;
    this.dat = (this.dat ^ this.pad ^ (this.d >>> 8) ^ 1) & 0xff;
    return (this.pad ^ (this.d << 5) ^ (this.pad >>> 18) ^ (this.dat << 1)) >>> 0;
  }

  /** A number from 0 to `limit - 1`, by rejection. A limit of 0 stands for 2 to the 32. */
  below(limit: number): number {
    if (limit === 0) return this.next();
    let mask = 1;
    while ((limit & mask) >>> 0 < limit) mask = ((mask << 1) | 1) >>> 0;
    let number: number;
    do number = (this.next() & mask) >>> 0;
    while (number >= limit);
    return number;
  }

  /** A number from 0 to below 1, all bits of its fraction random. */
  fraction(): number {
    if (vm.float32) return (this.next() & 0x7fffff) / 2 ** 23;
    const high = this.next() & 0xfffff;
    return (high * 2 ** 32 + this.next()) / 2 ** 52;
  }
}

const KEY = Symbol('random');
const generator = () => vm.stateOf(KEY, () => new Yasmarang());

const uint32 = (value: number | bigint) => Number(BigInt.asUintN(32, BigInt(value)));

/** `start + step * (a number below the count)`, in whole numbers of any size. */
function pick(start: number, step: number, count: bigint): Value {
  return newInt(BigInt(start) + BigInt(step) * BigInt(generator().below(uint32(count))));
}

function randrange(args: readonly Value[]): Value {
  const first = toInt(args[0]);
  if (args.length === 1) return first > 0 ? pick(0, 1, BigInt(first)) : raiseValueError();
  const stop = toInt(args[1]);
  if (args.length === 2) return first < stop ? pick(first, 1, BigInt(stop) - BigInt(first)) : raiseValueError();
  const step = toInt(args[2]);
  if (step === 0) raiseValueError();
  const span = BigInt(stop) - BigInt(first) + BigInt(step);
  const count = (step > 0 ? span - 1n : span + 1n) / BigInt(step);
  return count > 0n ? pick(first, step, count) : raiseValueError();
}

function choice(sequence: Value): Value {
  const length = lenMaybe(sequence);
  if (length === undefined) {
    raiseTypeError(vm.terse ? 'object has no len' : `object of type '${typeName(sequence)}' has no len()`);
  }
  if (toInt(length) <= 0) raise(excTypes.IndexError);
  return getItem(sequence, generator().below(uint32(toInt(length))));
}

function seed(args: readonly Value[]): null {
  const given = args.length === 0 ? null : args[0];
  generator().seed(given === null ? random32() : uint32(toIntTruncated(given)));
  return null;
}

export const randomModule: ModuleDef = {
  name: 'random',
  extensible: true,
  names: () => [
    [
      '__init__',
      fun0(() => {
        if (!generator().seeded) {
          generator().seeded = true;
          seed([]);
        }
        return null;
      }),
    ],
    [
      'getrandbits',
      fun1(value => {
        const bits = toInt(value);
        if (bits > 32 || bits < 0) raiseValueError('bits must be 32 or less');
        return bits === 0 ? 0 : newInt(generator().next() % 2 ** bits);
      }),
    ],
    ['seed', funVar(0, 1, seed)],
    ['randrange', funVar(1, 3, randrange)],
    [
      'randint',
      fun2((low, high) => {
        const a = toInt(low);
        const b = toInt(high);
        return a <= b ? pick(a, 1, BigInt(b) - BigInt(a) + 1n) : raiseValueError();
      }),
    ],
    ['choice', fun1(choice)],
    ['random', fun0(() => newFloat(generator().fraction()))],
    [
      'uniform',
      fun2((low, high) => {
        const a = toFloat(low);
        const round = vm.float32 ? Math.fround : (x: number) => x;
        return newFloat(a + round(round(toFloat(high) - a) * generator().fraction()));
      }),
    ],
  ],
};

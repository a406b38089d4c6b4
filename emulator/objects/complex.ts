/** complex (py/objcomplex.c). */
import { unaryOpMaybe } from '../vm/operators.ts';
import { raise, raiseTypeError, raiseValueError } from '../vm/raise.ts';
import { MpType, TypeFlag, typeName } from '../vm/type.ts';
import type { KwArgs, MethodRef, Printer, Value } from '../vm/value.ts';
import { BinaryOp, MpObj, plainOp, UnaryOp } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { excTypes } from './exception.ts';
import { floatHash, newFloat, toFloat, toFloatMaybe } from './float.ts';
import { FormatFlag, printFloat, REPR_PRECISION } from './format.ts';
import { checkArgCount } from './function.ts';
import { wrapToSmallInt } from './int.ts';
import { parseDecimal } from './parse-number.ts';

export const complexType = new MpType('complex', {
  flags: TypeFlag.EqNotReflexive | TypeFlag.EqChecksOtherType,
  makeNew,
  print,
  unaryOp: complexUnaryOp,
  binaryOp: (op: BinaryOp, lhs: MpComplex, rhs: Value) => complexBinaryOp(op, lhs.real, lhs.imag, rhs),
  loadAttr(self: MpComplex, name: string, dest: MethodRef): boolean {
    if (name !== 'real' && name !== 'imag') return true;
    dest.member = newFloat(self[name]);
    return true;
  },
});

export class MpComplex extends MpObj {
  constructor(
    readonly real: number,
    readonly imag: number,
  ) {
    super(complexType);
  }
}

const rounding = (): ((x: number) => number) => (vm.float32 ? Math.fround : x => x);

/** A new complex number, rounded to the board's precision and accounted for. */
export function newComplex(real: number, imag: number): MpComplex {
  const round = rounding();
  vm.heap.alloc(vm.wordSize + 2 * (vm.float32 ? 4 : 8));
  return new MpComplex(round(real), round(imag));
}

function makeNew(_type: MpType, args: readonly Value[], kw: KwArgs): Value {
  checkArgCount(args.length, kw, 0, 2, false);
  if (args.length === 0) return newComplex(0, 0);
  const [first, second] = args;
  if (args.length === 1) {
    if (first instanceof MpComplex) return first;
    if (typeof first === 'string') return complexFromText(first);
    const [real, imag] = toComplex(first);
    return newComplex(real, imag);
  }
  const round = rounding();
  let [real, imag] = first instanceof MpComplex ? [first.real, first.imag] : [toFloat(first), 0];
  if (second instanceof MpComplex) {
    real = round(real - second.imag);
    imag = round(imag + second.real);
  } else imag = round(imag + toFloat(second));
  return newComplex(real, imag);
}

function complexFromText(text: string): MpComplex {
  const parsed = parseDecimal(text, { allowImaginary: true, forceComplex: true, ...vm.floats });
  if (parsed === null) raiseValueError('invalid syntax for number');
  return typeof parsed === 'number' ? newComplex(parsed, 0) : newComplex(parsed.real, parsed.imag);
}

function print(out: Printer, self: MpComplex): void {
  const spec = { flags: 0, separator: '', fill: ' ', width: -1, precision: REPR_PRECISION };
  const both = self.real !== 0;
  if (both) {
    out.write('(');
    printFloat(out, self.real, 'g', spec);
    spec.flags = FormatFlag.ShowSign;
  }
  printFloat(out, self.imag, 'g', spec);
  out.write(both ? 'j)' : 'j');
}

/** Real and imaginary part of a number, or of what has `__float__` or `__complex__`. Raises TypeError for others. */
export function toComplex(value: Value): readonly [number, number] {
  const parts = toComplexMaybe(value);
  if (parts === undefined) raiseTypeError(vm.terse ? "can't convert to complex" : `can't convert ${typeName(value)} to complex`);
  return parts;
}

export function toComplexMaybe(value: Value): readonly [number, number] | undefined {
  if (value instanceof MpComplex) return [value.real, value.imag];
  const real = toFloatMaybe(value);
  if (real !== undefined) return [real, 0];
  const converted = unaryOpMaybe(UnaryOp.ComplexMaybe, value);
  return converted instanceof MpComplex ? [converted.real, converted.imag] : undefined;
}

function complexUnaryOp(op: UnaryOp, self: MpComplex): Value | undefined {
  const { real, imag } = self;
  switch (op) {
    case UnaryOp.Bool:
      return real !== 0 || imag !== 0;
    case UnaryOp.Hash:
      return wrapToSmallInt(BigInt(floatHash(real)) ^ BigInt(floatHash(imag)));
    case UnaryOp.Positive:
      return self;
    case UnaryOp.Negative:
      return newComplex(-real, -imag);
    case UnaryOp.Abs:
      return newFloat(modulus(real, imag));
    default:
      return undefined;
  }
}

/**
 * a · b + c · d. In single precision the firmware's compiler fuses the first product with the sum, which is rounded once (the product of two
 * single-precision numbers is exact in a double).
 */
function sumOfProducts(a: number, b: number, c: number, d: number): number {
  return vm.float32 ? Math.fround(a * b + Math.fround(c * d)) : a * b + c * d;
}

function modulus(real: number, imag: number): number {
  return rounding()(Math.sqrt(sumOfProducts(real, real, imag, imag)));
}

/** `(real + imag j) op rhs`; undefined when the types do not fit. */
export function complexBinaryOp(op: BinaryOp, real: number, imag: number, rhs: Value): Value | undefined {
  const other = toComplexMaybe(rhs);
  if (other === undefined) return undefined;
  const [re, im] = other;
  switch (plainOp(op)) {
    case BinaryOp.Add:
      return newComplex(real + re, imag + im);
    case BinaryOp.Subtract:
      return newComplex(real - re, imag - im);
    case BinaryOp.Multiply:
      return product(real, imag, re, im);
    case BinaryOp.FloorDivide:
      raiseTypeError("can't truncate-divide a complex number");
    case BinaryOp.TrueDivide:
      return quotient(real, imag, re, im);
    case BinaryOp.Power:
      return power(real, imag, re, im);
    case BinaryOp.Equal:
      return real === re && imag === im;
    default:
      return undefined;
  }
}

function product(a: number, b: number, c: number, d: number): MpComplex {
  return newComplex(sumOfProducts(a, c, -b, d), sumOfProducts(a, d, b, c));
}

function quotient(real: number, imag: number, re: number, im: number): MpComplex {
  if (im === 0) {
    if (re === 0) raise(excTypes.ZeroDivisionError, 'complex divide by zero');
    return newComplex(real / re, imag / re);
  }
  if (re === 0) return newComplex(imag / im, -real / im);
  const round = rounding();
  const square = sumOfProducts(re, re, im, im);
  return product(real, imag, round(re / square), round(im / -square));
}

/** z1 ** z2 as exp(z2 * ln z1). */
function power(real: number, imag: number, re: number, im: number): MpComplex {
  const round = rounding();
  const length = modulus(real, imag);
  if (length === 0) {
    if (im !== 0 || re < 0 || re !== re) raise(excTypes.ZeroDivisionError, '0.0 to a complex power');
    return newComplex(re === 0 ? 1 : 0, imag);
  }
  const ln = round(Math.log(length));
  const angle = round(Math.atan2(imag, real));
  const x = sumOfProducts(re, ln, -im, angle);
  const y = sumOfProducts(im, ln, re, angle);
  const scale = round(Math.exp(x));
  return newComplex(scale * round(Math.cos(y)), scale * round(Math.sin(y)));
}

/** The C library's mathematical functions, in one precision: what `math` and `cmath` of a build stand on. */

export type Unary = (x: number) => number;
export type Binary = (x: number, y: number) => number;

export interface Libm {
  readonly sqrt: Unary;
  readonly pow: Binary;
  readonly exp: Unary;
  readonly expm1: Unary;
  readonly log: Unary;
  readonly log2: Unary;
  readonly log10: Unary;
  readonly cosh: Unary;
  readonly sinh: Unary;
  readonly tanh: Unary;
  readonly acosh: Unary;
  readonly asinh: Unary;
  readonly atanh: Unary;
  readonly cos: Unary;
  readonly sin: Unary;
  readonly tan: Unary;
  readonly acos: Unary;
  readonly asin: Unary;
  readonly atan: Unary;
  readonly atan2: Binary;
  readonly fmod: Binary;
  readonly erf: Unary;
  readonly erfc: Unary;
  readonly gamma: Unary;
  readonly lgamma: Unary;
}

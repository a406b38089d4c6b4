/** The module cmath (py/modcmath.c). */
import { newComplex, toComplex } from '../../objects/complex.ts';
import { newFloat, toFloat } from '../../objects/float.ts';
import { fun1, fun2 } from '../../objects/function.ts';
import { newTuple } from '../../objects/tuple.ts';
import type { Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import type { ModuleDef } from '../module-def.ts';
import { libm } from './math.ts';

/** The factor that log10 applies to the phase: log10(e), as many digits as the reference has. */
const LOG10_E = Math.LOG10E;

export const cmathModule: ModuleDef = {
  name: 'cmath',
  extensible: false,
  names: () => {
    const { sqrt, atan2, cos, sin, cosh, sinh, exp, log, log10, pow } = libm();
    const r = vm.float32 ? Math.fround : (x: number) => x;
    const squared = (x: number, y: number) => r(r(x * x) + r(y * y));
    /** A function of a complex number that gives one, from its two parts. */
    const onParts = (real: (x: number, y: number) => number, imag: (x: number, y: number) => number) =>
      fun1(value => {
        const [x, y] = toComplex(value);
        return newComplex(real(x, y), imag(x, y));
      });
    const phase = (value: Value) => {
      const [x, y] = toComplex(value);
      return atan2(y, x);
    };
    return [
      ['e', newFloat(Math.E)],
      ['pi', newFloat(Math.PI)],
      ['phase', fun1(value => newFloat(phase(value)))],
      [
        'polar',
        fun1(value => {
          const [x, y] = toComplex(value);
          return newTuple([newFloat(sqrt(squared(x, y))), newFloat(atan2(y, x))]);
        }),
      ],
      [
        'rect',
        fun2((modulus, angle) => {
          const size = toFloat(modulus);
          const phi = toFloat(angle);
          return newComplex(r(size * cos(phi)), r(size * sin(phi)));
        }),
      ],
      [
        'exp',
        onParts(
          (x, y) => r(exp(x) * cos(y)),
          (x, y) => r(exp(x) * sin(y)),
        ),
      ],
      [
        'log',
        onParts(
          (x, y) => r(0.5 * log(squared(x, y))),
          (x, y) => atan2(y, x),
        ),
      ],
      [
        'log10',
        onParts(
          (x, y) => r(0.5 * log10(squared(x, y))),
          (x, y) => r(r(LOG10_E) * atan2(y, x)),
        ),
      ],
      [
        'sqrt',
        onParts(
          (x, y) => r(pow(squared(x, y), 0.25) * cos(r(0.5 * atan2(y, x)))),
          (x, y) => r(pow(squared(x, y), 0.25) * sin(r(0.5 * atan2(y, x)))),
        ),
      ],
      [
        'cos',
        onParts(
          (x, y) => r(cos(x) * cosh(y)),
          (x, y) => -r(sin(x) * sinh(y)),
        ),
      ],
      [
        'sin',
        onParts(
          (x, y) => r(sin(x) * cosh(y)),
          (x, y) => r(cos(x) * sinh(y)),
        ),
      ],
    ];
  },
};

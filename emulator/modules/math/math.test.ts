import { describe, expect, it } from 'vitest';
import { outputOf } from '../../vm/test-machine.ts';

// What stands here was printed by the official builds of 1.27.0.

describe('math', () => {
  it('has the constants and the functions', () => {
    const program = `import math
print(math.pi, math.e, math.tau, math.inf, math.nan)
x = 0.7
for name in ('sqrt', 'exp', 'expm1', 'log', 'log2', 'log10', 'sinh', 'cosh', 'tanh', 'asinh', 'atanh', 'cos', 'sin', 'tan', 'acos', 'asin', 'atan', 'ceil', 'floor', 'trunc', 'fabs', 'radians', 'degrees', 'isfinite', 'isinf', 'isnan', 'erf', 'erfc', 'modf', 'frexp'):
    print(name, getattr(math, name)(x), end=' ')
print(math.acosh(1.5), math.pow(2, 0.5), math.atan2(1, -2), math.copysign(3, -0.0), math.fmod(-7, 3), math.ldexp(0.75, 4), math.log(8, 2), math.gamma(5), math.lgamma(2))`;
    expect(outputOf(program)).toBe(`3.141592653589793 2.718281828459045 6.283185307179586 inf nan
sqrt 0.8366600265340756 exp 2.0137527074704766 expm1 1.0137527074704764 log -0.35667494393873245 log2 -0.5145731728297583 log10 -0.1549019599857432 sinh 0.7585837018395334 cosh 1.255169005630943 tanh 0.6043677771171636 asinh 0.6526665660823557 atanh 0.8673005276940531 cos 0.7648421872844885 sin 0.644217687237691 tan 0.8422883804630794 acos 0.7953988301841436 asin 0.775397496610753 atan 0.6107259643892086 ceil 1 floor 0 trunc 0 fabs 0.7 radians 0.012217304763960306 degrees 40.10704565915762 isfinite True isinf False isnan False erf 0.6778011938374184 erfc 0.32219880616258156 modf (0.7, 0.0) frexp (0.7, 0) 0.9624236501192069 1.4142135623730951 2.677945044588987 -3.0 -1.0 12.0 3.0 24.0 0.0
`);
  });

  it('counts factorials and compares closely', () => {
    const program = `import math
print([math.factorial(n) for n in (0, 1, 5, 20, 30)])
print(math.isclose(1, 1 + 1e-10), math.isclose(1, 1.1), math.isclose(1, 1.1, rel_tol=0.2), math.isclose(0, 1e-9, abs_tol=1e-8), math.isclose(math.inf, math.inf))
for call in (lambda: math.isclose(1, 2, rel_tol=-1), lambda: math.factorial(-1), lambda: math.factorial(1.5)):
    try:
        print(call())
    except Exception as e:
        print(repr(e))`;
    expect(outputOf(program)).toBe(`[1, 1, 120, 2432902008176640000, 265252859812191058636308480000000]
True False True True True
ValueError('math domain error',)
ValueError('negative factorial',)
TypeError("can't convert float to int",)
`);
  });

  it('refuses what has no value', () => {
    const program = `import math
for name, args in (('sqrt', (-1,)), ('log', (0,)), ('log', (-1,)), ('log', (2, 1)), ('log2', (0,)), ('log10', (-2,)), ('acos', (2,)), ('asin', (-2,)), ('acosh', (0,)), ('atanh', (1,)), ('atanh', (2,)), ('fmod', (1, 0)), ('fmod', (math.inf, 2)), ('gamma', (0,)), ('gamma', (-1,)), ('gamma', (-math.inf,)), ('lgamma', (0,)), ('exp', (1000,)), ('pow', (0, -1)), ('pow', (-1, 0.5)), ('sin', (math.inf,)), ('tan', (math.inf,)), ('ceil', (math.inf,)), ('floor', (math.nan,)), ('sqrt', ('a',)), ('ldexp', (1, 5000)), ('cosh', (1000,)), ('expm1', (1000,)), ('sqrt', (math.nan,)), ('log', (math.inf,)), ('erf', (math.inf,))):
    try:
        print(name, args, getattr(math, name)(*args))
    except Exception as e:
        print(name, args, repr(e))`;
    expect(outputOf(program)).toBe(`sqrt (-1,) ValueError('math domain error',)
log (0,) ValueError('math domain error',)
log (-1,) ValueError('math domain error',)
log (2, 1) ZeroDivisionError('divide by zero',)
log2 (0,) ValueError('math domain error',)
log10 (-2,) ValueError('math domain error',)
acos (2,) ValueError('math domain error',)
asin (-2,) ValueError('math domain error',)
acosh (0,) ValueError('math domain error',)
atanh (1,) ValueError('math domain error',)
atanh (2,) ValueError('math domain error',)
fmod (1, 0) ValueError('math domain error',)
fmod (inf, 2) ValueError('math domain error',)
gamma (0,) ValueError('math domain error',)
gamma (-1,) ValueError('math domain error',)
gamma (-inf,) ValueError('math domain error',)
lgamma (0,) ValueError('math domain error',)
exp (1000,) ValueError('math domain error',)
pow (0, -1) ValueError('math domain error',)
pow (-1, 0.5) ValueError('math domain error',)
sin (inf,) ValueError('math domain error',)
tan (inf,) ValueError('math domain error',)
ceil (inf,) OverflowError("can't convert inf to int",)
floor (nan,) ValueError("can't convert NaN to int",)
sqrt ('a',) TypeError("can't convert str to float",)
ldexp (1, 5000) inf
cosh (1000,) ValueError('math domain error',)
expm1 (1000,) ValueError('math domain error',)
sqrt (nan,) nan
log (inf,) inf
erf (inf,) 1.0
`);
  });
});

describe('cmath', () => {
  it('has the functions of complex numbers', () => {
    const program = `import cmath
print(cmath.pi, cmath.e)
z = 3 - 4j
for name in ('cos', 'sin', 'exp', 'log', 'log10', 'sqrt', 'phase', 'polar'):
    if hasattr(cmath, name):
        print(name, getattr(cmath, name)(z), getattr(cmath, name)(2))
print(cmath.rect(2, 1))
try:
    cmath.log(0)
except ValueError as e:
    print(repr(e))`;
    expect(outputOf(program)).toBe(`3.141592653589793 2.718281828459045
cos (-27.034945603074224+3.851153334811777j) (-0.4161468365471424-0j)
sin (3.853738037919377+27.016813258003932j) (0.9092974268256817-0j)
exp (-13.128783081462158+15.200784463067954j) (7.38905609893065+0j)
log (1.6094379124341003-0.9272952180016122j) (0.6931471805599453+0j)
log10 (0.6989700043360189-0.4027191962733731j) (0.3010299956639812+0j)
sqrt (2-1j) (1.4142135623730951+0j)
phase -0.9272952180016122 0.0
polar (5.0, -0.9272952180016122) (2.0, 0.0)
(1.0806046117362795+1.682941969615793j)
`);
  });
});

/**
 * The error function and the gamma function in double precision, within a few units in the last place.
 *
 * The error function uses Sun's rational approximations (fdlibm, s_erf.c, 1993), the gamma function Lanczos's approximation with the
 * coefficients of Boost (g = 6.0246800407767296, N = 13).
 */

const polynomial = (coefficients: readonly number[], x: number) => {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i];
  return sum;
};

interface Ratio {
  readonly over: readonly number[];
  readonly under: readonly number[];
}
const ratio = ({ over, under }: Ratio, x: number) => polynomial(over, x) / polynomial(under, x);

/** (erf(x) - x) / x in x squared, up to 0.84375. */
const NEAR_ZERO: Ratio = {
  over: [
    1.28379167095512558561e-1, -3.2504210724700149937e-1, -2.84817495755985104766e-2, -5.77027029648944159157e-3,
    -2.37630166566501626084e-5,
  ],
  under: [
    1, 3.97917223959155352819e-1, 6.50222499887672944485e-2, 5.08130628187576562776e-3, 1.32494738004321644526e-4,
    -3.9602282787753681232e-6,
  ],
};
/** erf(x) less its value near 1, in x - 1, up to 1.25. */
const NEAR_ONE: Ratio = {
  over: [
    -2.36211856075265944077e-3, 4.14856118683748331666e-1, -3.72207876035701323847e-1, 3.18346619901161753674e-1,
    -1.10894694282396677476e-1, 3.54783043256182359371e-2, -2.166375594868790843e-3,
  ],
  under: [
    1, 1.06420880400844228286e-1, 5.40397917702171048937e-1, 7.18286544141962662868e-2, 1.26171219808761642112e-1,
    1.36370839120290507362e-2, 1.1984499846799107417e-2,
  ],
};
const ERF_NEAR_ONE = 8.45062911510467529297e-1;
/** log(x exp(x²) erfc(x)) + 0.5625 in 1/x², up to 1/0.35. */
const MIDDLE: Ratio = {
  over: [
    -9.86494403484714822705e-3, -6.93858572707181764372e-1, -1.05586262253232909814e1, -6.23753324503260060396e1, -1.62396669462573470355e2,
    -1.84605092906711035994e2, -8.12874355063065934246e1, -9.81432934416914548592,
  ],
  under: [
    1, 1.96512716674392571292e1, 1.376577541435190426e2, 4.34565877475229228821e2, 6.45387271733267880336e2, 4.29008140027567833386e2,
    1.08635005541779435134e2, 6.57024977031928170135, -6.04244152148580987438e-2,
  ],
};
/** The same beyond. */
const FAR: Ratio = {
  over: [
    -9.86494292470009928597e-3, -7.99283237680523006574e-1, -1.77579549177547519889e1, -1.60636384855821916062e2, -6.37566443368389627722e2,
    -1.02509513161107724954e3, -4.83519191608651397019e2,
  ],
  under: [
    1, 3.03380607434824582924e1, 3.25792512996573918826e2, 1.53672958608443695994e3, 3.19985821950859553908e3, 2.55305040643316442583e3,
    4.74528541206955367215e2, -2.24409524465858183362e1,
  ],
};

const scratch = new DataView(new ArrayBuffer(8));

/** Without the lower half of its bits, so that its square is exact. */
function withoutLowBits(x: number): number {
  scratch.setFloat64(0, x);
  scratch.setUint32(4, 0);
  return scratch.getFloat64(0);
}

/** erfc of a positive number from 0.84375 on. */
function tail(x: number): number {
  if (x < 1.25) return 1 - ERF_NEAR_ONE - ratio(NEAR_ONE, x - 1);
  if (x >= 28) return 0;
  const z = withoutLowBits(x);
  const r = ratio(x < 1 / 0.35 ? MIDDLE : FAR, 1 / (x * x));
  return (Math.exp(-z * z - 0.5625) * Math.exp((z - x) * (z + x) + r)) / x;
}

export function erf(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (size < 0.84375) return size < 2 ** -28 ? x + 1.28379167095512586316e-1 * x : x + x * ratio(NEAR_ZERO, x * x);
  const value = size < 6 ? 1 - tail(size) : 1;
  return x < 0 ? -value : value;
}

export function erfc(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (size < 0.84375) {
    const y = x * ratio(NEAR_ZERO, x * x);
    return x < 0.25 ? 1 - (x + y) : 0.5 - (x - 0.5 + y);
  }
  return x < 0 ? 2 - tail(size) : tail(size);
}

/** g - 0.5 of Lanczos's approximation. */
const LANCZOS = 5.52468004077672958374;
const LANCZOS_SUM: Ratio = {
  over: [
    23531376880.41075968857, 42919803642.64909876895, 35711959237.35566804944, 17921034426.03720969991, 6039542586.35202800506,
    1439720407.3117216736, 248874557.86205415651, 31426415.58540019438, 2876370.62893537244, 186056.26539522349504, 8071.67200236581621,
    210.82427775157934587, 2.50662827463100027016,
  ],
  under: [0, 39916800, 120543840, 150917976, 105258076, 45995730, 13339535, 2637558, 357423, 32670, 1925, 66, 1],
};

/** The sum for x > 0; in 1/x where powers of x would be too large. */
function lanczosSum(x: number): number {
  if (x < 8) return ratio(LANCZOS_SUM, x);
  return ratio({ over: [...LANCZOS_SUM.over].reverse(), under: [...LANCZOS_SUM.under].reverse() }, 1 / x);
}

/** sin(pi x), exact where x is a multiple of a half. */
function sinPi(x: number): number {
  const turn = x % 2;
  const quarter = Math.round(2 * turn);
  const rest = Math.PI * (turn - quarter / 2);
  switch (((quarter % 4) + 4) % 4) {
    case 0:
      return Math.sin(rest);
    case 1:
      return Math.cos(rest);
    case 2:
      return -Math.sin(rest);
    default:
      return -Math.cos(rest);
  }
}

/** Factorials that are exact in double precision. */
const FACTORIALS = [1];
for (let n = 1; n <= 22; n++) FACTORIALS.push(FACTORIALS[n - 1] * n);

/** The gamma function. A pole at 0 is an infinity with the sign of the zero; at a negative integer it is no number. */
export function gamma(x: number): number {
  if (Number.isNaN(x) || x === Number.POSITIVE_INFINITY) return x;
  if (x === Number.NEGATIVE_INFINITY) return Number.NaN;
  if (x === Math.floor(x)) {
    if (x === 0) return 1 / x;
    if (x < 0) return Number.NaN;
    if (x <= FACTORIALS.length) return FACTORIALS[x - 1];
  }
  const size = Math.abs(x);
  if (size < 2 ** -54) return 1 / x;
  if (size >= 184) return x > 0 ? Number.POSITIVE_INFINITY : Math.floor(x) % 2 === 0 ? 0 : -0;
  const y = size + LANCZOS;
  // What was lost when y was rounded.
  let lost = size > LANCZOS ? y - size - LANCZOS : y - LANCZOS - size;
  let power = size - 0.5;
  let result = lanczosSum(size) * Math.exp(-y);
  if (x < 0) {
    result = -Math.PI / (sinPi(size) * size * result);
    lost = -lost;
    power = -power;
  }
  result += (lost * (LANCZOS + 0.5) * result) / y;
  const half = y ** (0.5 * power);
  return result * half * half;
}

/** log |gamma(x)|; an infinity at the poles. */
export function lgamma(x: number): number {
  if (!Number.isFinite(x)) return x * x;
  if (x === Math.floor(x) && x <= 2) return x <= 0 ? Number.POSITIVE_INFINITY : 0;
  const size = Math.abs(x);
  if (size < 2 ** -54) return -Math.log(size);
  if (size < 128) return Math.log(Math.abs(gamma(x)));
  const result = (size - 0.5) * (Math.log(size + LANCZOS) - 1) + (Math.log(lanczosSum(size)) - (LANCZOS + 0.5));
  return x < 0 ? Math.log(Math.PI / (Math.abs(sinPi(size)) * size)) - result : result;
}

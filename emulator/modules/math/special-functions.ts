/**
 * The error function and the gamma function in double precision, within a few units in the last place.
 *
 * The error function uses Sun's rational approximations (fdlibm, s_erf.c, 1993), the gamma function Lanczos's approximation with the
 * coefficients of Boost (g = 6.02468004077673, N = 13).
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
  over: [0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442, -0.000023763016656650163],
  under: [1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164, -0.000003960228278775368],
};
/** erf(x) less its value near 1, in x - 1, up to 1.25. */
const NEAR_ONE: Ratio = {
  over: [
    -0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175, -0.11089469428239668, 0.035478304325618236,
    -0.002166375594868791,
  ],
  under: [1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905, 0.011984499846799107],
};
const ERF_NEAR_ONE = 0.8450629115104675;
/** log(x exp(x²) erfc(x)) + 0.5625 in 1/x², up to 1/0.35. */
const MIDDLE: Ratio = {
  over: [
    -0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347, -184.60509290671104,
    -81.2874355063066, -9.814329344169145,
  ],
  under: [
    1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783, 108.63500554177944,
    6.570249770319282, -0.0604244152148581,
  ],
};
/** The same beyond. */
const FAR: Ratio = {
  over: [
    -0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896, -1025.0951316110772,
    -483.5191916086514,
  ],
  under: [
    1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644, 474.52854120695537,
    -22.44095244658582,
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
  if (size < 0.84375) return size < 2 ** -28 ? x + 0.1283791670955126 * x : x + x * ratio(NEAR_ZERO, x * x);
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
const LANCZOS = 5.52468004077673;
const LANCZOS_SUM: Ratio = {
  over: [
    23531376880.41076, 42919803642.6491, 35711959237.35567, 17921034426.03721, 6039542586.352028, 1439720407.3117216, 248874557.86205417,
    31426415.585400194, 2876370.6289353725, 186056.26539522348, 8071.672002365816, 210.82427775157936, 2.5066282746310002,
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

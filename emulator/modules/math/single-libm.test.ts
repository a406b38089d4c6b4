import { describe, expect, it } from 'vitest';
import { pyboardProfile } from '../../vm/profiles.ts';
import { outputOf } from '../../vm/test-machine.ts';
import { singleLibm } from './single-libm.ts';

/**
 * Arguments and the 32 bits of the results, as the reference's functions gave them, built for a Cortex-M4F as its firmware is (gcc 12.2,
 * -Os -fsingle-precision-constant -mfpu=fpv4-sp-d16) and run on an emulated one.
 */
// biome-ignore-start lint/correctness/noPrecisionLoss: nearest single-precision number is meant
const RESULTS: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  sin: [
    [0.3, 0x3e974e6d],
    [0.79, 0x3f35d9b6],
    [1.570796, 0x3f800000],
    [2.4, 0x3f2ceb26],
    [-5.5, 0x3f349e4a],
    [100.25, 0xbe8df805],
    [201.5, 0x3ed92fc8],
    [100000, 0x3d126d55],
    [1e22, 0xbf3becc4],
    [3e38, 0x3f5ff9c4],
  ],
  cos: [
    [0.3, 0x3f7490ef],
    [0.79, 0x3f342f34],
    [1.570796, 0x34a8885a],
    [2.4, 0xbf3cc5d7],
    [-5.5, 0x3f356b62],
    [100.25, 0x3f75f639],
    [201.5, 0x3f67d390],
    [100000, 0xbf7fd61c],
    [1e22, 0x3f2dd6f7],
    [3e38, 0xbef7f57c],
  ],
  tan: [
    [0.3, 0x3e9e6153],
    [0.79, 0x3f812efc],
    [1.570796, 0x4a426e63],
    [2.4, 0xbf6a7fe7],
    [-5.5, 0x3f7ede99],
    [100.25, 0xbe93c34a],
    [201.5, 0x3eefd56b],
    [100000, 0xbd12854f],
    [1e22, 0xbf8a5efe],
    [3e38, 0xbfe73d2d],
  ],
  asin: [
    [0.001, 0x3a831270],
    [0.3, 0x3e9c00ad],
    [-0.6, 0xbf24bc7d],
    [0.999, 0x3fc35650],
    [1, 0x3fc90fda],
    [-1, 0xbfc90fda],
  ],
  acos: [
    [0.001, 0x3fc8ef16],
    [0.3, 0x3fa20faf],
    [-0.6, 0x400db70d],
    [0.999, 0x3d37315a],
    [1, 0x00000000],
    [-1, 0x40490fda],
  ],
  atan: [
    [0.001, 0x3a83126c],
    [0.3, 0x3e9539d4],
    [0.7, 0x3f1c5889],
    [1.1, 0x3f553e43],
    [2.5, 0x3f985b6c],
    [-0.4, 0xbec2d1bc],
    [-3.3, 0xbfa36660],
    [7.9, 0x3fb8f1f3],
    [12.5, 0x3fbed7fc],
  ],
  sinh: [
    [-103.5, 0xff800000],
    [-88.8, 0xff0a449f],
    [-1.3, 0xbfd96498],
    [0.00001, 0x3727c5ac],
    [0.4, 0x3ed24e21],
    [1.1, 0x3faaf680],
    [33.3, 0x5703c1fa],
    [88.7, 0x7efa37fc],
  ],
  cosh: [
    [-103.5, 0x7f800000],
    [-88.8, 0x7f0a449f],
    [-1.3, 0x3ffc46ea],
    [0.00001, 0x3f800000],
    [0.4, 0x3f8a6094],
    [1.1, 0x3fd59204],
    [33.3, 0x5703c1fa],
    [88.7, 0x7efa37fc],
  ],
  tanh: [
    [0.001, 0x3a83126c],
    [0.3, 0x3e9526ed],
    [0.7, 0x3f1ab7d8],
    [1.1, 0x3f4ced82],
    [2.5, 0x3f7c92c1],
    [-0.4, 0xbec288ac],
    [-3.3, 0xbf7f4def],
    [7.9, 0x3f7ffffc],
    [12.5, 0x3f800000],
  ],
  asinh: [
    [0.001, 0x3a83126e],
    [0.3, 0x3e976276],
    [0.7, 0x3f271528],
    [1.1, 0x3f7349f0],
    [2.5, 0x3fd2d879],
    [-0.4, 0xbec7b2b6],
    [-3.3, 0xbff46317],
    [7.9, 0x4030e53e],
    [12.5, 0x404e1c37],
  ],
  acosh: [
    [1, 0x00000000],
    [1.05, 0x3ea13dcd],
    [1.9, 0x3fa0ebcb],
    [3.5, 0x3ff66166],
    [1000, 0x40f33a97],
    [1e30, 0x428b8a99],
  ],
  atanh: [
    [1e-9, 0x3089705f],
    [0.1, 0x3dcd7c9e],
    [-0.45, 0xbef82aa2],
    [0.9, 0x3fbc71af],
  ],
  exp: [
    [-103.5, 0x00000001],
    [-88.8, 0x001d9fa6],
    [-1.3, 0x3e8b894a],
    [0.00001, 0x3f800054],
    [0.4, 0x3fbef41c],
    [1.1, 0x40404442],
    [33.3, 0x5783c1fa],
    [88.7, 0x7f7a37fc],
  ],
  expm1: [
    [-103.5, 0xbf800000],
    [-88.8, 0xbf800000],
    [-1.3, 0xbf3a3b5b],
    [0.00001, 0x3727c5e3],
    [0.4, 0x3efbd072],
    [1.1, 0x40004442],
    [33.3, 0x5783c1fa],
    [88.7, 0x7f7a37fc],
  ],
  log: [
    [1e-40, 0xc2b834f2],
    [0.1, 0xc0135d8e],
    [0.7, 0xbeb69e1a],
    [1.3, 0x3e86549b],
    [2.5, 0x3f6a9208],
    [1e30, 0x428a27b5],
  ],
  log2: [
    [1e-40, 0xc304e08c],
    [0.1, 0xc0549a78],
    [0.7, 0xbf03bb12],
    [1.3, 0x3ec1cc45],
    [2.5, 0x3fa934f1],
    [1e30, 0x42c750d1],
  ],
  log10: [
    [1e-40, 0xc2200000],
    [0.1, 0xbf800000],
    [0.7, 0xbe1e9e9f],
    [1.3, 0x3de95b20],
    [2.5, 0x3ecbbecb],
    [1e30, 0x41f00000],
  ],
  erf: [
    [0.001, 0x3a93e61c],
    [0.3, 0x3ea841c5],
    [0.7, 0x3f2d8461],
    [1.1, 0x3f61551f],
    [2.5, 0x3f7fe554],
    [-0.4, 0xbedb563e],
    [-3.3, 0xbf7fffcd],
    [7.9, 0x3f800000],
    [12.5, 0x3f800000],
  ],
  erfc: [
    [0.001, 0x3f7fb60d],
    [0.3, 0x3f2bdf1e],
    [0.7, 0x3ea4f73e],
    [1.1, 0x3df5570a],
    [2.5, 0x39d55c2d],
    [-0.4, 0x3fb6d590],
    [-3.3, 0x3fffffe6],
    [7.9, 0x108d48f5],
    [12.5, 0x00000000],
  ],
  gamma: [
    [0.1, 0x41183755],
    [0.5, 0x3fe2dfc4],
    [1.2, 0x3f6b0d1b],
    [1.8, 0x3f6e6f2a],
    [2.7, 0x3fc5b844],
    [5.5, 0x42515efe],
    [12.3, 0x4c9f0b80],
    [30, 0x72df32b8],
    [-0.5, 0xc062dfc4],
    [-2.3, 0xbfb93ad4],
    [-7.75, 0x394495d6],
  ],
  lgamma: [
    [0.1, 0x40102c72],
    [0.5, 0x3f128682],
    [1.2, 0xbdaed89e],
    [1.8, 0xbd91946e],
    [2.7, 0x3edea0ce],
    [5.5, 0x407d4cd2],
    [12.3, 0x4191e970],
    [30, 0x428e839b],
    [-0.5, 0x3fa1fc4d],
    [-2.3, 0x3ebd37e2],
    [-7.75, 0xc1094f3f],
  ],
};
// biome-ignore-end lint/correctness/noPrecisionLoss: as above

const bitsOf = (x: number) => new Uint32Array(new Float32Array([x]).buffer)[0];
const hexadecimal = (bits: number) => bits.toString(16).padStart(8, '0');

describe('the functions in single precision', () => {
  it.each(Object.entries(RESULTS))('%s gives the very bits that the firmware gives', (name, results) => {
    const fn = (singleLibm as unknown as Record<string, (x: number) => number>)[name];
    expect(results.map(([x]) => [x, hexadecimal(bitsOf(fn(Math.fround(x))))])).toEqual(results.map(([x, bits]) => [x, hexadecimal(bits)]));
  });

  it('are what math gives on a pyboard', () => {
    expect(outputOf('import math\nprint(math.sin(1e22), math.gamma(5.5), math.acos(0.999), math.pi)', pyboardProfile)).toBe(
      '-0.7340815 52.342764 0.0447248 3.1415928\n',
    );
  });
});

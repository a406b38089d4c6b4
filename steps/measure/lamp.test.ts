import { expect, test } from 'vitest';
import { glows } from './lamp.ts';

test('a lamp is lit from one change to the other', () => {
  expect(
    glows(0, 100, false, [
      { t: 10, intensity: 255 },
      { t: 30, intensity: 0 },
    ]),
  ).toEqual([{ from: 10, to: 30, open: false }]);
});

test('a change of its brightness is no end of its being lit', () => {
  expect(
    glows(0, 100, false, [
      { t: 10, intensity: 255 },
      { t: 20, intensity: 5 },
      { t: 30, intensity: 0 },
    ]),
  ).toHaveLength(1);
});

test('what was lit before, or still is, is open', () => {
  expect(
    glows(0, 100, true, [
      { t: 10, intensity: 0 },
      { t: 90, intensity: 1 },
    ]),
  ).toEqual([
    { from: 0, to: 10, open: true },
    { from: 90, to: 100, open: true },
  ]);
});

import { expect, test } from 'vitest';
import { similar, whatExists } from './did-you-mean.ts';

test('a slip of the finger finds the name that was meant', () => {
  expect(similar('USER', ['RST', 'USR'])).toEqual(['USR']);
  expect(similar('mian.py', ['boot.py', 'main.py'])[0]).toBe('main.py');
  expect(similar('x1', ['X1', 'X2', 'Y1'])[0]).toBe('X1');
});

test('what is not alike is not offered', () => {
  expect(similar('temperature', ['X1', 'angle'])).toEqual([]);
});

test('a long list is cut, and says by how much', () => {
  const names = Array.from({ length: 60 }, (_, i) => `part${i}`);
  expect(whatExists('zzz', names)).toMatch(/part39 … and 20 more$/);
});

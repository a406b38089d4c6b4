import { expect, test } from 'vitest';
import { similarSentences } from '../reports/similar-sentences.ts';
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

test('a sentence that nearly is one of the library finds it', () => {
  const sentences = ['{dut} runs the program:', 'the {led} is lit', '{pin} has a frequency of {frequency-range} over {duration}'];
  expect(similarSentences('the board runs a program:', sentences)[0]).toBe('{dut} runs the program:');
  expect(similarSentences('pin X1 has frequency 50 Hz over 1 s', sentences)[0]).toBe(
    '{pin} has a frequency of {frequency-range} over {duration}',
  );
  expect(similarSentences('completely different words', sentences)).toEqual([]);
});

import { expect, test } from 'vitest';
import { similarSentences } from './similar-sentences.ts';

test('a sentence that nearly is one of the library finds it', () => {
  const sentences = ['{dut} runs the program:', 'the {led} is lit', '{pin} has a frequency of {frequency-range} over {duration}'];
  expect(similarSentences('the board runs a program:', sentences)[0]).toBe('{dut} runs the program:');
  expect(similarSentences('pin X1 has frequency 50 Hz over 1 s', sentences)[0]).toBe(
    '{pin} has a frequency of {frequency-range} over {duration}',
  );
  expect(similarSentences('completely different words', sentences)).toEqual([]);
});

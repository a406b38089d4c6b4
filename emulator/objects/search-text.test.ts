import fc from 'fast-check';
import { expect, test } from 'vitest';
import { outputOf } from '../vm/test-machine.ts';

test('finds in long texts what a plain search finds', () => {
  const program = `text = 'ab' * 3000 + 'aab' + 'ab' * 3000
for wanted in ('ab' * 500, 'aab' + 'ab' * 400, 'ab' * 400 + 'aab', 'b' * 1000, 'ba' * 700 + 'b'):
    print(text.find(wanted), text.rfind(wanted), text.count(wanted), wanted in text, len(text.split(wanted)), len(text.rsplit(wanted, 2)[0]), text.replace(wanted, '').count('a'))`;
  // Printed by the official Unix port of 1.27.0.
  expect(outputOf(program)).toBe(`0 11003 12 True 13 10003 2
6000 6000 1 True 2 6000 5600
5200 5200 1 True 2 5200 5600
-1 -1 0 False 1 12003 6002
1 10602 8 True 9 9200 402
`);
});

test('searches in repetitive texts find what JavaScript finds', () => {
  const letters = fc.constantFrom('a', 'b');
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 40 }), fc.array(letters, { minLength: 1, maxLength: 5 }), (text, wanted) => {
      const [long, part] = [text.join('').repeat(60), wanted.join('').repeat(300)];
      const program = `t = ${JSON.stringify(long)}\nw = ${JSON.stringify(part)}\nprint(t.find(w), t.rfind(w))`;
      expect(outputOf(program)).toBe(`${long.indexOf(part)} ${long.lastIndexOf(part)}\n`);
    }),
    { numRuns: 50 },
  );
});

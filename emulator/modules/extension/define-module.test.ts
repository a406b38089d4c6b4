import { expect, test } from 'vitest';
import { defineModule } from './define-module.ts';
import { defineFunction, float } from './definition.ts';

test('types of arguments follow from the parameters', () => {
  const { functions } = defineModule('file:///typed.ts', {
    name: 'typed',
    functions: {
      f: defineFunction({
        parameters: { a: 'int', b: { type: 'str', default: 'x' }, c: { type: 'callable', default: null } },
        returns: 'float',
        call: ({ a, b, c }) => {
          const sum: number = a + b.length;
          // @ts-expect-error b is a text
          const wrong: number = b;
          // @ts-expect-error c may be null
          c.keep();
          return float(sum + wrong);
        },
      }),
    },
  });
  expect(Object.keys(functions!)).toEqual(['f']);
});

test('a file that is run again may define its module again, another file may not', () => {
  const again = () => defineModule('file:///again.ts', { name: 'again' });
  again();
  expect(again).not.toThrow();
  expect(() => defineModule('file:///other.ts', { name: 'again' })).toThrow(
    'module "again" is defined twice: by file:///again.ts and by file:///other.ts',
  );
});

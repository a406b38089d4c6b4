/** Random functions for `@micropython.native` and `@micropython.viper`: statements over typed locals, some of them wrong. */
const NATIVE_TYPES = ['int', 'uint', 'bool', 'object', 'ptr8', 'ptr16', 'ptr32', 'ptr'];

export function nativePrograms({ below, pick }, count) {
  return Array.from({ length: count }, () => {
    const functions = Array.from({ length: 1 + below(3) }, (_, i) => functionText(i));
    return `x = 1\n${functions.join('\n')}`;
  });

  function functionText(index) {
    const viper = below(3) > 0;
    const lines = [`@micropython.${viper ? 'viper' : 'native'}`];
    const names = ['a', 'b', 'c', 'd'].slice(0, below(5));
    const types = names.map(() => (below(3) ? pick(NATIVE_TYPES) : null));
    const params = names.map((name, i) => (types[i] && below(5) ? `${name}: ${types[i]}` : name));
    if (!viper && below(3) === 0) params.push('*args');
    if (!viper && below(4) === 0) params.push('k=1');
    if (!viper && below(5) === 0) params.push('**kw');
    const result = viper && below(2) ? ` -> ${pick(NATIVE_TYPES)}` : '';
    lines.push(`def f${index}(${params.join(', ')})${result}:`);
    const locals = [...names, 'i', 'j', 'k', 'p'];
    const generator = !viper && below(4) === 0;
    const nested = !viper && below(4) === 0;
    const integers = ['i', 'j', ...names.filter((_, n) => types[n] === 'int')];
    const pointers = names.filter((_, n) => types[n]?.startsWith('ptr'));
    const sensible = viper && below(3) > 0;
    if (sensible) lines.push('    i = 1', '    j = int(x)', '    k = uint(3)', '    p = ptr8(7)');

    const constant = () =>
      pick([
        '0',
        '1',
        '-1',
        '5',
        '255',
        '256',
        '65535',
        '65536',
        '-129',
        '0x7fffffff',
        '-0x40000000',
        '0x123456789ab',
        '-0x80000001',
        'True',
        'False',
        'None',
        "'s'",
        "b'b'",
        '(1, 2)',
        '1.5',
        '...',
      ]);
    const atom = () => (below(3) ? pick(locals) : below(2) ? constant() : 'x');
    const integer = depth => {
      if (depth <= 0) return below(2) ? pick(integers) : String(below(300) - 20);
      return `(${integer(depth - 1)} ${pick(['+', '-', '*', '&', '|', '^', '<<', '>>', '//', '%'])} ${integer(depth - 1)})`;
    };
    const expression = depth => {
      if (sensible && below(3))
        return pick([
          integer,
          integer,
          () => `${pick(pointers.concat('p'))}[${integer(1)}]`,
          () => `${pick(['int', 'uint', 'bool', 'object'])}(${integer(0)})`,
        ])(depth);
      if (depth <= 0) return atom();
      const next = () => expression(depth - 1);
      switch (below(viper ? 12 : 16)) {
        case 0:
          return `(${next()} ${pick(['+', '-', '*', '/', '//', '%', '**', '@', '&', '|', '^', '<<', '>>'])} ${next()})`;
        case 1:
          return `(${next()} ${pick(['<', '>', '==', '<=', '>=', '!=', 'in', 'is', 'not in', 'is not'])} ${next()})`;
        case 2:
          return `(${pick(['-', '+', '~', 'not '])}${next()})`;
        case 3:
          return `(${next()} ${pick(['and', 'or'])} ${next()})`;
        case 4:
          return `${atom()}[${next()}]`;
        case 5:
          return `${pick(NATIVE_TYPES)}(${next()})`;
        case 6:
          return `print(${next()}, ${next()})`;
        case 7:
          return `(${next()} if ${next()} else ${next()})`;
        case 8:
          return `${pick(['x', 'a'])}.${pick(['attr', 'append', 'real'])}`;
        case 9:
          return `x.method(${next()}, k=${next()})`;
        case 10:
          return `[${next()}, ${next()}]`;
        case 11:
          return `${next()} < ${next()} < ${next()}`;
        case 12:
          return `{${next()}: ${next()}}`;
        case 13:
          return `[v for v in ${next()} if ${next()}]`;
        case 14:
          return `(lambda q=${next()}: q + ${pick(locals)})`;
        default:
          return `f(*${next()}, **${next()})`;
      }
    };
    const indent = '    ';
    const statement = (depth, pad) => {
      const block = () => Array.from({ length: 1 + below(2) }, () => statement(depth - 1, `${pad}    `)).join('\n');
      const simple = () => {
        if (sensible && below(2)) return `${pad}${pick(['i', 'j'])} ${pick(['=', '+=', '-=', '*=', '<<=', '|='])} ${integer(2)}`;
        switch (below(12)) {
          case 0:
            return `${pad}${pick(locals)} ${pick(['+=', '-=', '*=', '&=', '>>='])} ${expression(1)}`;
          case 1:
            return `${pad}${pick(pointers.concat(locals))}[${expression(1)}] = ${expression(1)}`;
          case 2:
            return `${pad}${pick(pointers.concat('p'))}[${pick(['0', '1', '31', '32', '63', '300', '2000', '5000', '-1'])}] = ${integer(1)}`;
          case 3:
            return `${pad}x.y = ${expression(1)}`;
          case 4:
            return `${pad}return${below(2) ? ` ${expression(2)}` : ''}`;
          case 5:
            return `${pad}${pick(['del k', 'del x[0]', 'del x.y', 'pass', 'import sys', 'from sys import path', 'assert x', 'raise x', 'global g\n' + pad + 'g = 1'])}`;
          case 6:
            return generator ? `${pad}${pick(['yield', 'k = yield i', 'yield from x', 'k = (yield from x)'])}` : `${pad}${expression(2)}`;
          case 7:
            return `${pad}i, *k, j = ${expression(1)}`;
          default:
            return `${pad}${pick(locals)} = ${expression(2)}`;
        }
      };
      if (depth <= 0) return simple();
      switch (below(9)) {
        case 0:
          return `${pad}if ${expression(1)}:\n${block()}\n${pad}else:\n${block()}`;
        case 1:
          return `${pad}while ${expression(1)}:\n${block()}\n${pad}    ${pick(['break', 'continue', 'pass'])}`;
        case 2:
          return `${pad}for ${pick(locals)} in ${pick(['range(10)', `range(${integer(0)})`, `range(${integer(0)}, ${integer(0)}, 2)`, 'x'])}:\n${block()}\n${pad}    ${pick(['break', 'continue', 'pass'])}`;
        case 3:
          return `${pad}try:\n${block()}\n${pad}except ${pick(['ValueError', 'ValueError as e', ''])}:\n${block()}${below(2) ? `\n${pad}finally:\n${block()}` : ''}`;
        case 4:
          return `${pad}try:\n${block()}\n${pad}finally:\n${block()}`;
        case 5:
          return viper ? simple() : `${pad}with x as ${pick(locals)}:\n${block()}`;
        case 6:
          return nested
            ? `${pad}def g(q, *r):\n${pad}    nonlocal i\n${pad}    i = ${pick(locals)}\n${pad}    return i + q\n${pad}i = g`
            : simple();
        default:
          return simple();
      }
    };
    if (nested) lines.push('    i = 0');
    for (let i = 0; i < 2 + below(6); i++) lines.push(statement(2, indent));
    return `${lines.join('\n')}\n`;
  }
}

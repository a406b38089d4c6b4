/** Random expressions of guest code, by the type that they mean to have. They are small: what they cost is bounded by their shape. */
import fc from 'fast-check';

type Code = fc.Arbitrary<string>;

/** `parts` with the outcomes of the arbitraries between them. */
const code = (parts: TemplateStringsArray, ...values: Code[]): Code =>
  fc.tuple(...values).map(texts => parts.map((part, i) => part + (texts[i] ?? '')).join(''));

const oneOf = (...texts: string[]): Code => fc.constantFrom(...texts);
const listOf = (item: Code, maxLength: number, separator = ', '): Code => fc.array(item, { maxLength }).map(items => items.join(separator));

const SMALL = oneOf('0', '1', '2', '3', '-1', '5', '7', '10', '-4');
const INTS = fc.oneof(
  SMALL,
  fc.integer({ min: -300, max: 300 }).map(String),
  // Where a small integer of 31 bits, a word, a float's mantissa and two words end.
  oneOf('2**29', '2**30', '-2**30', '2**30 - 1', '2**31', '2**32', '-2**31', '2**53 + 1', '2**63', '-2**64', '10**20', '-3**40'),
);
const FLOATS = oneOf('0.0', '-0.0', '1.0', '0.5', '-2.5', '3.14159', '1e10', '1e-7', '1e300', '123456.789', "float('inf')", "float('nan')");
const STRINGS = oneOf(
  "''",
  "'a'",
  "'abc'",
  "'Hello, World'",
  "' pad '",
  "'é€'",
  "'a,b,,c'",
  "'12'",
  "'-7'",
  "'1.5'",
  "'line\\nline'",
  "'%d'",
  "'{}'",
  "'\\x00\\xff'",
);
const BYTES = oneOf("b''", "b'a'", "b'abc'", "b'\\x00\\xff'", "b'1,2,3'");
const INDEX = oneOf('0', '1', '2', '-1', '-2', '5', '-6');
const SLICE = oneOf(':', '1:', ':2', '1:3', '-2:', ':-1', '::2', '::-1', '3:0:-1', '5:9', '2:1');

export interface Expressions {
  readonly int: Code;
  readonly number: Code;
  readonly str: Code;
  readonly bytes: Code;
  readonly list: Code;
  readonly tuple: Code;
  readonly dict: Code;
  readonly set: Code;
  readonly bool: Code;
  readonly any: Code;
}

const FORMATS = oneOf(
  '',
  'd',
  '5',
  '<6',
  '>6',
  '^7',
  '+d',
  '05d',
  'x',
  '#x',
  '#b',
  'o',
  ',',
  '.2f',
  '8.3f',
  'e',
  'g',
  '+.1f',
  '%',
  's',
  '*^9',
  'c',
  '08.2f',
);
const PERCENTS = oneOf(
  '%d',
  '%5d',
  '%-5d|',
  '%05d',
  '%x',
  '%#o',
  '%s',
  '%r',
  '%.2f',
  '%e',
  '%g',
  '%c',
  '%+d',
  '%10.3f',
  '%%',
  '%5s|',
  '%.2s',
);

/** `names` are variables that an expression may use for any value. */
export function expressions(names: readonly string[] = []): Expressions {
  const { int, number, str, bytes, list, tuple, dict, set, bool, any } = fc.letrec<Record<keyof Expressions, string>>(tie => {
    const weighted = (base: Code, ...deep: Code[]): Code => fc.oneof({ depthSize: 'small', withCrossShrink: true }, base, ...deep);
    const t = {
      int: tie('int'),
      number: tie('number'),
      str: tie('str'),
      bytes: tie('bytes'),
      list: tie('list'),
      tuple: tie('tuple'),
      dict: tie('dict'),
      set: tie('set'),
      bool: tie('bool'),
      any: tie('any'),
    };
    const sequence = fc.oneof(t.list, t.tuple, t.str, t.bytes);
    const iterable = fc.oneof(sequence, t.dict, code`range(${SMALL}, ${INDEX})`, code`(x for x in ${t.list})`, code`map(str, ${t.list})`);
    const hashable = fc.oneof(INTS, STRINGS, BYTES, oneOf('None', 'True', 'False', '1.0', '2.5'));
    return {
      int: weighted(
        INTS,
        code`(${t.int} ${oneOf('+', '-', '*', '//', '%', '&', '|', '^')} ${t.int})`,
        code`(${oneOf('-', '+', '~')}${t.int})`,
        code`(${t.int} ${oneOf('<<', '>>')} ${oneOf('0', '1', '3', '31', '40', '-1')})`,
        code`(${t.int} ** ${oneOf('1', '2', '3', '-1')})`,
        code`len(${sequence})`,
        code`abs(${t.number})`,
        code`int(${fc.oneof(t.number, t.str)})`,
        code`int(${t.str}, ${oneOf('0', '2', '10', '16', '36')})`,
        code`hash(${fc.oneof(INTS, STRINGS)})`,
        code`sum(${t.list})`,
        code`ord(${t.str})`,
        code`${t.str}.${oneOf('find', 'rfind', 'index', 'count')}(${t.str})`,
        code`int.from_bytes(${t.bytes}, ${oneOf("'big'", "'little'")})`,
      ),
      number: weighted(
        fc.oneof(INTS, FLOATS),
        code`(${t.number} ${oneOf('+', '-', '*', '/', '//', '%')} ${t.number})`,
        code`(${t.number} ** ${oneOf('2', '3', '-1')})`,
        code`(abs(${t.number}) ** 0.5)`,
        code`round(${t.number}, ${SMALL})`,
        code`float(${fc.oneof(t.int, t.str)})`,
        code`divmod(${t.number}, ${t.number})`,
      ),
      str: weighted(
        STRINGS,
        code`(${t.str} + ${t.str})`,
        code`(${t.str} * ${SMALL})`,
        code`${t.str}[${INDEX}]`,
        code`${t.str}[${SLICE}]`,
        code`${t.str}.${oneOf('upper', 'lower', 'strip', 'lstrip', 'rstrip')}()`,
        code`${t.str}.replace(${t.str}, ${t.str}, ${oneOf('1', '-1', '0')})`,
        code`${t.str}.center(${SMALL})`,
        code`${t.str}.join(${t.list})`,
        code`${oneOf('str', 'repr')}(${t.any})`,
        code`'{:${FORMATS}}'.format(${t.any})`,
        code`('${PERCENTS}' % (${t.any},))`,
        // Larger numbers make bytes that are no UTF-8, and what the official build then does is accident.
        code`('%c{:c}' % ${oneOf('65', "'x'")}).format(66)`,
        code`chr(${t.int})`,
        code`${oneOf('bin', 'hex', 'oct')}(${t.int})`,
        code`f'{${t.int}}|{${t.number}!r}'`,
        code`${t.bytes}.decode()`,
      ),
      bytes: weighted(
        BYTES,
        code`(${t.bytes} + ${t.bytes})`,
        code`${t.bytes}[${SLICE}]`,
        code`${t.str}.encode()`,
        code`bytes(${fc.oneof(t.list, oneOf('0', '3'))})`,
        code`(${INTS}).to_bytes(${oneOf('0', '1', '4', '9')}, ${oneOf("'big'", "'little'")})`,
        code`bytearray(${t.bytes})`,
      ),
      list: weighted(
        code`[${listOf(hashable, 4)}]`,
        code`[${listOf(t.any, 3)}]`,
        code`(${t.list} + ${t.list})`,
        code`(${t.list} * ${oneOf('0', '2', '-1')})`,
        code`${t.list}[${SLICE}]`,
        code`list(${iterable})`,
        code`sorted(${iterable}, key=${oneOf('str', 'repr', 'None', 'lambda v: -len(str(v))')}, reverse=${oneOf('True', 'False')})`,
        code`[x for x in ${iterable} if x]`,
        code`[(i, x) for i, x in enumerate(${iterable}, ${SMALL})]`,
        code`list(zip(${iterable}, ${iterable}))`,
        code`list(filter(None, ${iterable}))`,
        code`list(reversed(${sequence}))`,
        code`${t.str}.${oneOf('split', 'rsplit', 'splitlines')}()`,
        code`${t.str}.${oneOf('split', 'rsplit')}(${t.str}, ${oneOf('-1', '0', '1', '2')})`,
        code`[*${iterable}, *${iterable}]`,
      ),
      tuple: weighted(
        code`(${listOf(hashable, 3)})`.map(text => (text === '()' ? text : `${text.slice(0, -1)},)`)),
        code`tuple(${iterable})`,
        code`(${t.tuple} + ${t.tuple})`,
        code`${t.tuple}[${SLICE}]`,
        code`${t.str}.${oneOf('partition', 'rpartition')}(${t.str})`,
        code`(${t.any}, ${t.any})`,
      ),
      dict: weighted(
        fc.array(fc.tuple(hashable, hashable), { maxLength: 4 }).map(pairs => `{${pairs.map(([k, v]) => `${k}: ${v}`).join(', ')}}`),
        code`dict(${t.dict}, a=${t.any})`,
        code`{x: ${t.any} for x in ${fc.oneof(t.str, code`range(${INDEX})`)}}`,
        code`dict.fromkeys(${fc.oneof(t.str, code`range(${INDEX})`)}, ${t.any})`,
        code`(${t.dict} | ${t.dict})`,
        code`{**${t.dict}, 'k': ${t.any}}`,
      ),
      set: weighted(
        code`{${fc.array(hashable, { minLength: 1, maxLength: 4 }).map(items => items.join(', '))}}`,
        code`set(${fc.oneof(t.str, code`range(${INDEX})`)})`,
        code`(${t.set} ${oneOf('|', '&', '-', '^')} ${t.set})`,
        code`${t.set}.${oneOf('union', 'difference', 'intersection', 'symmetric_difference')}(${fc.oneof(t.str, code`range(${INDEX})`)})`,
      ),
      bool: weighted(
        oneOf('True', 'False', 'None'),
        code`(${t.number} ${oneOf('<', '<=', '>', '>=', '==', '!=')} ${t.number})`,
        code`(${t.any} ${oneOf('==', '!=')} ${t.any})`,
        code`(${t.list} ${oneOf('<', '>=', '==')} ${t.list})`,
        code`(${t.str} ${oneOf('<', '>', 'in', 'not in')} ${t.str})`,
        code`(${hashable} ${oneOf('in', 'not in')} ${fc.oneof(t.dict, t.set, t.list, t.tuple)})`,
        code`(${t.set} ${oneOf('<', '<=', '>', '>=', '==')} ${t.set})`,
        code`(not ${t.any})`,
        code`(${t.bool} ${oneOf('and', 'or')} ${t.any})`,
        code`isinstance(${t.any}, ${oneOf('int', '(str, bytes)', 'float', 'bool', 'tuple')})`,
        code`${oneOf('any', 'all', 'bool')}(${t.list})`,
        code`${t.str}.${oneOf('isdigit', 'isalpha', 'isspace', 'isupper', 'islower')}()`,
        code`${t.str}.${oneOf('startswith', 'endswith')}(${t.str})`,
        code`(${t.int} < ${t.int} <= ${t.number})`,
      ),
      any: weighted(
        names.length > 0 ? oneOf(...names) : fc.oneof(INTS, STRINGS),
        t.int,
        t.number,
        t.str,
        t.bytes,
        t.list,
        t.tuple,
        t.dict,
        t.set,
        t.bool,
        code`(${t.any} if ${t.bool} else ${t.any})`,
        code`${t.dict}.get(${hashable}, ${t.any})`,
        code`${t.dict}[${hashable}]`,
        code`${sequence}[${INDEX}]`,
        code`(lambda a, b=${t.any}: ${oneOf('a', 'b', '(a, b)', '[b, a, a]')})(${t.any})`,
        code`${oneOf('min', 'max')}(${t.list}, key=${oneOf('str', 'repr')}, default=${t.any})`,
        code`${oneOf('min', 'max')}(${t.number}, ${t.number})`,
        code`next(iter(${iterable}), ${t.any})`,
        // Not inside arithmetic: the official build keeps a zero that comes out of this as a big integer, and takes it for no zero.
        code`pow(${INTS}, ${oneOf('0', '1', '5', '-1')}, ${INTS})`,
      ),
    };
  });
  return { int, number, str, bytes, list, tuple, dict, set, bool, any };
}

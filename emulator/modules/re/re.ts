/** The module re (extmod/modre.c): on bytes, with the expressions that re/program.ts knows. */

import { newBytes } from '../../objects/bytes.ts';
import { excTypes } from '../../objects/exception.ts';
import { fun1, fun2, funVar } from '../../objects/function.ts';
import { formatAddress } from '../../objects/identity.ts';
import { listAppend, newList } from '../../objects/list.ts';
import { cStringData, newStrFromBytes, newStrOfTypeOf, strData } from '../../objects/str-bytes.ts';
import { characterCount } from '../../objects/str-width.ts';
import { emptyTuple, newTuple } from '../../objects/tuple.ts';
import { decodeAnyUtf8 } from '../../objects/utf8.ts';
import { call1, isCallable } from '../../vm/call.ts';
import { Cycles } from '../../vm/cost.ts';
import { toInt } from '../../vm/operators.ts';
import { deeper, raise, raiseNotImplemented, raiseRecursionDepth, raiseValueError } from '../../vm/raise.ts';
import { work } from '../../vm/service.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import type { Printer, Value } from '../../vm/value.ts';
import { MpObj } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import type { ModuleDef } from '../module-def.ts';
import { Matcher, type MatchStack, type Subject } from './matcher.ts';
import { compileProgram, type Program } from './program.ts';

/** Bytes of C stack that each choice of the matcher takes: measured with the compilers of the official builds. */
const frameSize = () => (vm.wordSize === 4 ? 40 : 80);

const guestStack: MatchStack = {
  enter() {
    work(Cycles.matchStep);
    if ((vm.stackUsed += frameSize()) <= vm.stackLimit) return;
    vm.stackUsed -= frameSize();
    raiseRecursionDepth();
  },
  leave() {
    vm.stackUsed -= frameSize();
  },
};

class MpRegex extends MpObj {
  constructor(readonly program: Program) {
    super(regexType);
  }
}

class MpMatch extends MpObj {
  /** @param captures start and end of the match and each group, in bytes; -1 for none */
  constructor(
    readonly subject: Value,
    readonly text: Uint8Array,
    readonly captures: Int32Array,
  ) {
    super(vm.feature('reMatchGroups') ? fullMatchType : matchType);
  }
  get groupCount(): number {
    return this.captures.length / 2;
  }
  /** The number of a group. Raises IndexError when there is none. */
  groupNumber(value: Value): number {
    const number = toInt(value);
    if (number < 0 || number >= this.groupCount) raise(excTypes.IndexError, value);
    return number;
  }
  group(number: number): Value {
    const start = this.captures[number * 2];
    return start < 0 ? null : newStrOfTypeOf(this.subject, this.text.subarray(start, this.captures[number * 2 + 1]));
  }
  /** Where a group is, in characters of a str. */
  span(args: readonly Value[]): [number, number] {
    const number = args.length === 2 ? this.groupNumber(args[1]) : 0;
    const position = (offset: number) =>
      offset < 0 || typeof this.subject !== 'string' ? offset : characterCount(decodeAnyUtf8(this.text.subarray(0, offset)));
    const start = this.captures[number * 2];
    return [position(start), position(start < 0 ? -1 : this.captures[number * 2 + 1])];
  }
}

function compile(pattern: Value): MpRegex {
  const program = compileProgram(cStringData(pattern), deeper);
  if (program === 'too complex' && !vm.terse) raiseValueError('regex too complex');
  if (typeof program === 'string') raiseValueError('error in regex');
  vm.heap.alloc(4 * vm.wordSize + program.code.length);
  return new MpRegex(program);
}

function matcher(regex: MpRegex, subject: Subject): Matcher {
  return new Matcher(regex.program, subject, !vm.feature('unsignedChar'), guestStack);
}

/** Runs a match; the guest's stack is as it was afterwards, whatever happens. */
function run(machine: Matcher, anchored: boolean): boolean {
  const before = vm.stackUsed;
  try {
    return machine.run(anchored);
  } finally {
    vm.stackUsed = before;
  }
}

function exec(args: readonly Value[], anchored: boolean): Value {
  const [given] = args;
  const regex = given instanceof MpRegex ? given : compile(given);
  const text = strData(args[1]);
  const subject = { text, lineStart: 0, begin: 0, end: text.length };
  if (given instanceof MpRegex && args.length > 2) {
    subject.begin = Math.max(0, Math.min(toInt(args[2]), text.length));
    if (args.length > 3) subject.end = Math.max(subject.begin, Math.min(toInt(args[3]), text.length));
  }
  const size = (3 + (regex.program.groups + 1) * 2) * vm.wordSize;
  vm.heap.alloc(size);
  const machine = matcher(regex, subject);
  if (run(machine, anchored)) return new MpMatch(args[1], text, machine.captures);
  vm.heap.free(size);
  return null;
}

function split(args: readonly Value[]): Value {
  const regex = args[0] as MpRegex;
  const text = strData(args[1]);
  const subject = { text, lineStart: 0, begin: 0, end: text.length };
  let left = args.length > 2 ? toInt(args[2]) : 0;
  const parts = newList([]);
  const machine = matcher(regex, subject);
  // An empty match ends it too.
  while (run(machine, false) && machine.captures[0] !== machine.captures[1]) {
    listAppend(parts, newStrOfTypeOf(args[1], text.subarray(subject.begin, machine.captures[0])));
    if (regex.program.groups > 0) raiseNotImplemented('splitting with sub-captures');
    subject.begin = machine.captures[1];
    if (left > 0 && --left === 0) break;
  }
  listAppend(parts, newStrOfTypeOf(args[1], text.subarray(subject.begin)));
  return parts;
}

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;

/** Appends `template` with the groups that it names (`\1`, `\g<1>`) filled in. */
function expand(template: Uint8Array, match: MpMatch, out: Assembly): void {
  const at = (i: number) => (i < template.length ? template[i] : 0);
  for (let i = 0; i < template.length; ) {
    const backslash = template.indexOf(0x5c, i);
    if (backslash !== i) {
      const end = backslash < 0 ? template.length : backslash;
      out.append(template.subarray(i, end));
      i = end;
      continue;
    }
    i++;
    const bracketed = at(i) === 0x67 && at(i + 1) === 0x3c;
    if (bracketed) i += 2;
    if (isDigit(at(i))) {
      let number = 0;
      while (isDigit(at(i))) number = (number * 10 + at(i++) - 0x30) % 2 ** 32;
      if (bracketed && at(i) === 0x3e) i++;
      if (number >= match.groupCount) raise(excTypes.IndexError, number);
      const start = match.captures[number * 2];
      if (start >= 0) out.append(match.text.subarray(start, match.captures[number * 2 + 1]));
    } else if (at(i) === 0x5c) {
      out.append(template.subarray(i, i + 1));
      i++;
    }
  }
}

/** Bytes that are put together on the guest's heap, which grows as the reference's does (vstr_ensure_extra in py/vstr.c). */
class Assembly {
  private bytes = new Uint8Array(64);
  private length = 0;
  private allocated = 0;

  append(data: Uint8Array): void {
    const length = this.length + data.length;
    if (length > this.allocated) {
      const allocated = (length + 16 + 7) & ~7;
      vm.heap.realloc(this.allocated, allocated);
      this.allocated = allocated;
    }
    work(data.length * Cycles.byte);
    if (length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.bytes.length));
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.bytes.set(data, this.length);
    this.length = length;
  }

  /** The bytes, whose place on the heap the object made of them takes over. */
  take(): Uint8Array {
    vm.heap.free(this.allocated);
    return this.bytes.slice(0, this.length);
  }
}

function substitute(args: readonly Value[]): Value {
  const regex = args[0] instanceof MpRegex ? args[0] : compile(args[0]);
  const [, replacement, where] = args;
  let left = args.length > 3 ? toInt(args[3]) : 0;
  const text = strData(where);
  const subject = { text, lineStart: 0, begin: 0, end: text.length };
  const machine = matcher(regex, subject);
  const out = new Assembly();
  let matched = false;
  while (run(machine, false) && machine.captures[0] !== machine.captures[1]) {
    matched = true;
    const match = new MpMatch(where, text, machine.captures.slice());
    out.append(text.subarray(subject.begin, match.captures[0]));
    expand(cStringData(isCallable(replacement) ? call1(replacement, match) : replacement), match, out);
    subject.begin = match.captures[1];
    if (left > 0 && --left === 0) break;
  }
  if (!matched) return where;
  out.append(text.subarray(subject.begin));
  const bytes = out.take();
  return typeof where === 'string' ? newStrFromBytes(bytes) : newBytes(bytes);
}

/** @param full with `groups`, `span`, `start` and `end` */
const makeMatchType = (full: boolean) =>
  new MpType('match', {
    print: (out: Printer, self: MpMatch) => out.write(`<match num=${self.groupCount}>`),
    locals: () => {
      const names: [string, Value][] = [['group', fun2((self, number) => (self as MpMatch).group((self as MpMatch).groupNumber(number)))]];
      if (!full) return names;
      return [
        ...names,
        [
          'groups',
          fun1(value => {
            const self = value as MpMatch;
            return self.groupCount <= 1 ? emptyTuple : newTuple(Array.from({ length: self.groupCount - 1 }, (_, i) => self.group(i + 1)));
          }),
        ],
        ['span', funVar(1, 2, args => newTuple((args[0] as MpMatch).span(args)))],
        ['start', funVar(1, 2, args => (args[0] as MpMatch).span(args)[0])],
        ['end', funVar(1, 2, args => (args[0] as MpMatch).span(args)[1])],
      ];
    },
  });
const matchType = makeMatchType(false);
const fullMatchType = makeMatchType(true);

const match = () => funVar(2, 4, args => exec(args, true));
const search = () => funVar(2, 4, args => exec(args, false));
const sub = () => funVar(3, 5, substitute);

const regexType = new MpType('re', {
  print: (out: Printer, self: MpRegex) => out.write(`<re ${formatAddress(self)}>`),
  locals: (): Locals => [
    ['match', match()],
    ['search', search()],
    ['split', funVar(2, 3, split)],
    ['sub', sub()],
  ],
});

export const reModule: ModuleDef = {
  name: 're',
  extensible: true,
  names: () => [
    ['compile', funVar(1, 2, args => compile(args[0]))],
    ['match', match()],
    ['search', search()],
    ['sub', sub()],
  ],
};

/** Generators and coroutines (py/objgenerator.c). */

import { Cycles } from '../vm/cost.ts';
import type { Frame } from '../vm/frame.ts';
import { hot } from '../vm/hot.ts';
import { FrameResult, runFrame } from '../vm/interpreter.ts';
import type { Resumed } from '../vm/iteration.ts';
import { stopIteration } from '../vm/iteration.ts';
import { goDeeper, Raise, raiseRuntimeError, raiseStopIteration, raiseTypeError, raiseValueError } from '../vm/raise.ts';
import { stackCosts } from '../vm/stack-costs.ts';
import { isSubclass, type Locals, MpType, TypeFlag, typeOf } from '../vm/type.ts';
import type { Printer, Value } from '../vm/value.ts';
import { MpObj } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';
import { excTypes, generatorExit, newException } from './exception.ts';
import { fun1, fun2, funVar } from './function.ts';
import { formatAddress } from './identity.ts';

export enum ResumeKind {
  Return,
  Yield,
  Raise,
}

export const generatorType = new MpType('generator', {
  flags: TypeFlag.IterIsSelf,
  print: (out: Printer, self: MpGenerator) => out.write(`<generator object '${self.name}' at ${formatAddress(self)}>`),
  next: (self: MpGenerator) => settle(resumeGenerator(self, null, undefined), false),
  locals: (): Locals => [
    [
      'close',
      fun1(self => {
        const result = resumeGenerator(self as MpGenerator, null, generatorExit);
        if (result.kind === ResumeKind.Yield) raiseRuntimeError('generator ignored GeneratorExit');
        if (result.kind === ResumeKind.Raise && !isSubclass(typeOf(result.value), excTypes.GeneratorExit)) throw new Raise(result.value);
        return null;
      }),
    ],
    ['send', fun2((self, value) => settle(resumeGenerator(self as MpGenerator, value, undefined), true)!)],
    [
      'throw',
      funVar(2, 4, args => {
        const exc = args.length > 2 && args[2] !== null ? args[2] : args[1];
        return settle(resumeGenerator(args[0] as MpGenerator, null, exc), true)!;
      }),
    ],
    [
      'pend_throw',
      fun2((self, exc) => {
        const generator = self as MpGenerator;
        if (generator.running) raiseValueError('generator already executing');
        const previous = generator.pendingThrow;
        generator.pendingThrow = exc;
        return previous;
      }),
    ],
  ],
});

export class MpGenerator extends MpObj {
  /** null once it has ended. */
  frame: Frame | null;
  readonly name: string;
  running = false;
  started = false;
  pendingThrow: Value = null;
  constructor(frame: Frame, name = frame.code.name) {
    super(generatorType);
    this.frame = frame;
    this.name = name;
  }

  /** Runs to the next yield or the return; the value is then at the frame's stack pointer. Uncaught exceptions are thrown. */
  run(frame: Frame, thrown: Value | undefined): FrameResult {
    return runFrame(frame, thrown);
  }
}

/** Runs a generator to its next yield, its return, or an exception. */
export function resumeGenerator(self: MpGenerator, send: Value | undefined, thrown: Value | undefined): Resumed {
  if (!(self instanceof MpGenerator)) raiseTypeError('argument has wrong type');
  const { frame } = self;
  if (frame === null) return { kind: ResumeKind.Return, value: null };
  if (self.running) raiseValueError('generator already executing');
  if (self.pendingThrow !== null) {
    thrown = self.pendingThrow;
    self.pendingThrow = null;
  }
  if (!self.started) {
    if (send !== null && send !== undefined) raiseTypeError("can't send non-None value to a just-started generator");
  } else frame.state[frame.sp] = send === undefined ? null : send;
  hot.budget -= Cycles.resume;
  self.running = true;
  self.started = true;
  const stackUsed = vm.stackUsed;
  try {
    goDeeper(stackCosts().generator);
    const result = self.run(frame, thrown);
    if (result === FrameResult.Yield) {
      const value = frame.state[frame.sp]!;
      frame.state[frame.sp] = null;
      return { kind: ResumeKind.Yield, value };
    }
    self.frame = null;
    return { kind: ResumeKind.Return, value: frame.state[frame.sp]! };
  } catch (error) {
    if (!(error instanceof Raise)) throw error;
    self.frame = null;
    if (isSubclass(typeOf(error.exception), excTypes.StopIteration)) {
      return { kind: ResumeKind.Raise, value: newException(excTypes.RuntimeError, ['generator raised StopIteration']) };
    }
    return { kind: ResumeKind.Raise, value: error.exception };
  } finally {
    vm.stackUsed = stackUsed;
    self.running = false;
  }
}

function settle(result: Resumed, raiseStop: boolean): Value | undefined {
  if (result.kind === ResumeKind.Yield) return result.value;
  if (result.kind === ResumeKind.Raise) throw new Raise(result.value);
  const value = result.value === null ? undefined : result.value;
  if (raiseStop) raiseStopIteration(value);
  return stopIteration(value);
}

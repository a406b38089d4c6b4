/**
 * How a step is defined: the sentence, what it means, an example that passes and one that fails, and its code. The
 * step reference is generated from this, and the tests run both examples.
 */
import { defineStep } from '@cucumber/cucumber';
import { type Capability, CapabilityMissing } from '../targets/target.ts';
import { type Bench, BoardMissing } from './bench.ts';
import { describeFailure } from './failure.ts';

export interface StepExample {
  /** Gherkin steps, one a line, doc strings and tables included; the step itself among them. */
  readonly steps: string;
  /** For an example that fails: what its message says, at least. */
  readonly says?: string;
}

export interface StepDoc {
  /** What it does or expects, in a sentence or two. */
  readonly about: string;
  /** What a target must be able to do. */
  readonly needs?: readonly Capability[];
  /** Steps that pass. */
  readonly passes: string;
  /** Steps of which the last fails, and what the failure says; absent for steps that only set things up and cannot fail. */
  readonly fails?: { readonly steps: string; readonly says: string };
  /** What follows the sentence: a doc string or a table. */
  readonly takes?: string;
}

export interface StepDefinition extends StepDoc {
  readonly expression: string;
  readonly family: string;
}

/** Every step of the library, in the order of its definition. */
export const library: StepDefinition[] = [];

/** Defines the steps of one family. A sentence works with Given, When and Then alike. */
export function family(title: string) {
  return function step(expression: string, doc: StepDoc, code: (this: Bench, ...args: never[]) => unknown): void {
    library.push({ ...doc, expression, family: title });
    const checked = doc.fails !== undefined;
    async function run(this: Bench, ...args: never[]): Promise<unknown> {
      try {
        // "it prints", "it raises": these look at the program that ran; everything else goes on from it.
        if (!expression.startsWith('it ')) this.expectNoException();
        if (doc.needs !== undefined) this.need(...doc.needs);
        const result = await code.apply(this, args);
        if (checked && this.expects) this.checks.push({ text: this.stepText || expression, at: this.now, ok: true });
        return result;
      } catch (error) {
        return await conclude(this, error);
      }
    }
    // Cucumber counts a function's parameters to see whether they match the sentence's.
    Object.defineProperty(run, 'length', { value: code.length });
    defineStep(expression, run as never);
    // Every sentence can be said of one board among several: boards.ts has the example.
    async function runOn(this: Bench, board: string, ...args: never[]): Promise<unknown> {
      try {
        return await this.speakingOf(board, () => run.apply(this, args));
      } catch (error) {
        return error instanceof StepFailed ? Promise.reject(error) : await conclude(this, error);
      }
    }
    Object.defineProperty(runOn, 'length', { value: code.length + 1 });
    defineStep(`on board {string}, ${expression}`, runOn as never);
  };
}

/** A skipped scenario, or a failure with all that surrounds it. */
export async function conclude(bench: Bench, error: unknown): Promise<'skipped'> {
  if (error instanceof CapabilityMissing || error instanceof BoardMissing || isNotBuilt(error)) {
    bench.skipReason = error.message;
    return 'skipped';
  }
  const failure = error instanceof Error ? error : new Error(String(error));
  const Failed = failure.name === 'ExpectationFailed' ? AssertionFailed : StepFailed;
  const described = new Failed(describeFailure(failure, await bench.context()), failure);
  bench.checks.push({ text: bench.stepText || failure.message, at: bench.now, ok: false });
  throw described;
}

/** The target says that it does not have this yet: a capability that is missing, told by the call itself. */
function isNotBuilt(error: unknown): error is Error {
  return error instanceof Error && (error as Error & { code?: string }).code === 'not-built';
}

/** What a report shows of a failed step: a message for people, no stack of our own code. */
export class StepFailed extends Error {
  override readonly name: string = 'StepFailed';

  constructor(message: string, cause: Error) {
    super(message, { cause });
    const { code } = cause as { code?: string };
    const ours = ['ExpectationFailed', 'BadStep'].includes(cause.name) || (cause.name === 'SessionError' && code !== 'worker-died');
    // A defect in a step's code keeps its stack, so that it can be found.
    this.stack = ours ? message : `${message}\n${cause.stack?.split('\n').slice(1).join('\n') ?? ''}`;
  }
}

/** An expectation that does not hold. By the word in its name other reports (Allure) tell it from a defect of a step. */
export class AssertionFailed extends StepFailed {
  override readonly name = 'AssertionFailed';
}

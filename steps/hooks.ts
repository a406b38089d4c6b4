/** Set-up and clean-up: every scenario has a fresh bench, and leaves what it saw in the report. */
import { After, AfterAll, BeforeStep, setDefaultTimeout, setWorldConstructor } from '@cucumber/cucumber';
import { Bench } from './bench.ts';
import { attachEvidence } from './evidence.ts';
import { conclude } from './step.ts';
import { closeTargets } from './target-pool.ts';

setWorldConstructor(Bench);
// The target's own limit, in host time, comes first and says more; this one catches a step that hangs by itself.
setDefaultTimeout(120_000);

// What a check is called in a diagram: the step as it was written.
BeforeStep(function (this: Bench, { pickleStep }) {
  this.stepText = pickleStep.text;
  this.expects = pickleStep.type === 'Outcome';
});

After({ name: 'the end of the scenario' }, async function (this: Bench, { result, pickle }) {
  let failure: unknown;
  try {
    if (result?.status === 'PASSED') this.expectNoException();
  } catch (error) {
    failure = error;
  }
  try {
    await attachEvidence(this, failure === undefined ? (result?.status ?? 'UNKNOWN') : 'FAILED', pickle.name);
    if (failure !== undefined) await conclude(this, failure);
  } finally {
    await this.close();
  }
});

AfterAll({ name: 'end the targets' }, closeTargets);

/** Set-up and clean-up: every scenario has a fresh bench, and leaves what it saw in the report. */
import { After, AfterAll, setDefaultTimeout, setWorldConstructor } from '@cucumber/cucumber';
import { Bench } from './bench.ts';
import { attachEvidence } from './evidence.ts';
import { closeTargets } from './target-pool.ts';

setWorldConstructor(Bench);
// The target's own limit, in host time, comes first and says more; this one catches a step that hangs by itself.
setDefaultTimeout(120_000);

After({ name: 'close the bench' }, async function (this: Bench, { result }) {
  try {
    await attachEvidence(this, result?.status ?? 'UNKNOWN');
  } finally {
    await this.close();
  }
});

AfterAll({ name: 'end the targets' }, closeTargets);

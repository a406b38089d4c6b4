/** The examples of the step library as a feature, so that tests can run them and see that the documentation is true. */
import type { StepDefinition } from './step.ts';

export interface Example {
  /** Name of its scenario. */
  readonly name: string;
  readonly step: StepDefinition;
  /** What the failure says; undefined for an example that passes. */
  readonly says: string | undefined;
}

export function examples(library: readonly StepDefinition[]): Example[] {
  return library.flatMap(step => [
    { name: `passes: ${step.expression}`, step, says: undefined },
    ...(step.fails === undefined ? [] : [{ name: `fails: ${step.expression}`, step, says: step.fails.says }]),
  ]);
}

/** One scenario for each example. Names are in quotes, so that the sentence's own braces do no harm. */
export function exampleFeature(list: readonly Example[]): string {
  const scenarios = list.map(({ name, step, says }) => {
    const steps = says === undefined ? step.passes : step.fails!.steps;
    return `  Scenario: ${name}\n${steps
      .split('\n')
      .map(line => `    ${line}`)
      .join('\n')}\n`;
  });
  return `Feature: Examples of the step reference\n\n${scenarios.join('\n')}`;
}

/** `boardspec steps`: what sentences there are, each with examples. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedDocs } from '../reports/generated-docs.ts';
import { stepReference } from '../reports/step-reference.ts';
import type { StepDefinition } from '../steps/step.ts';
import { CommandFailure } from './failure.ts';
import { paint } from './progress.ts';
import { readSteps } from './step-library.ts';

export interface StepsOptions {
  readonly json?: boolean;
  readonly markdown?: boolean;
  /** Internal: the folder into which all generated pages go. */
  readonly docs?: string;
  readonly examples?: boolean;
}

export async function steps(words: readonly string[], options: StepsOptions): Promise<void> {
  const { library, parameters, other } = await readSteps(process.cwd());
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ library, parameters, other }, null, 1)}\n`);
    return;
  }
  if (options.markdown) {
    process.stdout.write(stepReference(library, parameters));
    return;
  }
  if (options.docs !== undefined) {
    for (const [name, page] of Object.entries(generatedDocs(library, parameters))) {
      const file = join(options.docs, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, page);
      process.stdout.write(`${file}\n`);
    }
    return;
  }
  const wanted = words.map(word => word.toLowerCase());
  const hit = (text: string): boolean => wanted.every(word => text.toLowerCase().includes(word));
  const found = library.filter(step => hit(`${step.family} ${step.expression} ${step.about}`));
  const foundOther = other.filter(({ pattern }) => hit(pattern));
  if (found.length + foundOther.length === 0) throw new CommandFailure(`no step has the words: ${words.join(' ')}`);
  let family = '';
  for (const step of found) {
    if (step.family !== family) {
      family = step.family;
      process.stdout.write(`\n${paint(process.stdout, 'bold', family)}\n`);
    }
    process.stdout.write(`  ${step.expression}\n`);
    if (options.examples || found.length <= 3) process.stdout.write(describe(step));
  }
  if (foundOther.length > 0) {
    process.stdout.write(`\n${paint(process.stdout, 'bold', 'Steps of this project')}\n`);
    for (const { pattern, file, line } of foundOther)
      process.stdout.write(`  ${pattern}  ${paint(process.stdout, 'dim', `${file}:${line}`)}\n`);
  }
}

function describe(step: StepDefinition): string {
  const indent = (text: string): string =>
    text
      .split('\n')
      .map(line => `      ${line}`)
      .join('\n');
  const lines = [
    `      ${paint(process.stdout, 'dim', step.about)}`,
    ...(step.takes === undefined ? [] : [`      ${paint(process.stdout, 'dim', `takes ${step.takes}`)}`]),
    indent(step.passes),
  ];
  return `${lines.join('\n')}\n\n`;
}

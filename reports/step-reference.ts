/** The step reference as a Markdown page, from the step definitions themselves. */
import type { ParameterDoc } from '../steps/parameters.ts';
import type { StepDefinition } from '../steps/step.ts';
import { capabilities } from '../targets/target.ts';

const anchor = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');
const gherkin = (steps: string): string => `\`\`\`gherkin\n${steps}\n\`\`\``;

export function stepReference(library: readonly StepDefinition[], parameters: readonly ParameterDoc[]): string {
  const families = [...new Set(library.map(({ family }) => family))];
  const lines = [
    '# Step reference',
    '',
    '<!-- Generated from the step definitions by `npm run docs`; change it there. -->',
    '',
    `${library.length} sentences in ${families.length} families. Each works with Given, When and Then alike. The examples are run by the tests: what is said to pass passes, and what is said to fail fails with this message.`,
    '',
    'A sentence that looks back ("it prints", "pin X1 rose twice") looks at the last action: the program that ran, the line that was typed, the time that passed.',
    '',
    ...families.map(family => `- [${family}](#${anchor(family)}): ${library.filter(step => step.family === family).length}`),
    '- [Parameters](#parameters)',
  ];
  for (const family of families) {
    lines.push('', `## ${family}`);
    for (const step of library.filter(step => step.family === family)) {
      lines.push('', `### \`${step.expression}\``, '', step.about);
      if (step.takes !== undefined) lines.push('', `Takes ${step.takes}.`);
      lines.push('', gherkin(step.passes));
      if (step.fails !== undefined)
        lines.push('', 'Fails:', '', gherkin(step.fails.steps), '', `with, among others: \`${step.fails.says.replaceAll('`', "'")}\``);
      if (step.needs !== undefined)
        lines.push('', `Skipped on a target that has no ${step.needs.map(need => capabilities[need]).join(', or no ')}.`);
    }
  }
  lines.push('', '## Parameters', '', '| parameter | what it is | examples |', '| --- | --- | --- |');
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  for (const { name, about, examples } of parameters)
    lines.push(`| \`{${name}}\` | ${cell(about)} | ${examples.map(example => `\`${cell(example)}\``).join(', ')} |`);
  lines.push(
    '',
    'A value without a tolerance stands for everything that rounds to it as it is written: `50 Hz` is 49.5 Hz to 50.5 Hz, `1.50 V` is 1.495 V to 1.505 V. `about` is 10 % around the value. `± 5 %` is relative, but for percentages, where it is in percentage points.',
    '',
    "Cucumber's own parameters (`{int}`, `{float}`, `{word}`, `{string}`) are there, too.",
  );
  return `${lines.join('\n')}\n`;
}

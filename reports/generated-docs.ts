/** The documentation pages that are generated: what a page holds, by its place below `docs/`. */
import { boards } from '../boards/index.ts';
import type { ParameterDoc } from '../steps/parameters.ts';
import type { StepDefinition } from '../steps/step.ts';
import { boardReference } from './board-reference.ts';
import { partReference } from './part-reference.ts';
import { conformanceSchema, jsonSchema, runSchema } from './schema.ts';
import { stepReference } from './step-reference.ts';

export function generatedDocs(library: readonly StepDefinition[], parameters: readonly ParameterDoc[]): Readonly<Record<string, string>> {
  return {
    'steps.md': stepReference(library, parameters),
    'boards.md': `# Board reference\n\n<!-- Generated from the board definitions by \`npm run docs\`; change it there. -->\n\n${boardReference([...boards.values()])}`,
    'parts.md': `# Part reference\n\n<!-- Generated from the parts' definitions by \`npm run docs\`; change it there. -->\n\nEvery part has the fault \`removed\` as well. How a part is wired: \`boardspec steps wired\`. A part that is not here you write yourself: [writing parts](writing-parts.md).\n\n${partReference()}`,
    'schemas/run.schema.json': jsonSchema(runSchema, 'Run record of boardspec'),
    'schemas/conformance.schema.json': jsonSchema(conformanceSchema, 'Conformance report of boardspec'),
  };
}

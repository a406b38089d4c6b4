/** The shape of the files that reports are made from, checked on reading and published as JSON Schema. */
import { z } from 'zod';
import { conformanceFormat } from './conformance.ts';
import { type RunRecord, recordFormat } from './record.ts';

const status = z.enum(['passed', 'failed', 'skipped', 'undefined', 'ambiguous', 'pending', 'not-run']);
const milliseconds = z.number().min(0);

const board = z.object({
  name: z.string().describe('How the scenario calls it'),
  board: z.string().describe('Name of its definition'),
  machine: z.string(),
  firmware: z.string(),
});

const facts = z.object({
  target: z.string(),
  boards: z.array(board),
  virtualTime: z.number().optional().describe('Nanoseconds of virtual time that passed; absent where time is the host’s'),
  seed: z.number(),
  skipReason: z.string().optional(),
  checks: z.number().describe('Expectations that were checked'),
});

const step = z.object({
  keyword: z.string().describe('Given, When, Then …; empty for a hook'),
  text: z.string(),
  line: z.number().optional(),
  docString: z.string().optional(),
  table: z.array(z.array(z.string())).optional(),
  status,
  duration: milliseconds.describe('Milliseconds of host time'),
  message: z.string().optional(),
});

const evidence = z.object({
  name: z.string(),
  mediaType: z.string(),
  file: z.string().optional().describe('Its place, from the folder of this file'),
  body: z.string().optional(),
  encoding: z.enum(['text', 'base64']).optional(),
});

const scenario = z.object({
  id: z.string().describe('The same in every run'),
  uri: z.string(),
  line: z.number(),
  feature: z.string(),
  rule: z.string().optional(),
  name: z.string(),
  tags: z.array(z.string()),
  rows: z.array(z.string()).describe('Rows that it specifies, from its tags'),
  status,
  reason: z.string().optional().describe('Why it was skipped'),
  attempts: z.number(),
  duration: milliseconds.describe('Milliseconds of host time'),
  facts: facts.optional(),
  steps: z.array(step),
  evidence: z.array(evidence),
});

const request = z.object({
  target: z.string().optional(),
  board: z.string().optional(),
  seed: z.number().optional(),
  paths: z.array(z.string()).optional(),
  tags: z.string().optional(),
  names: z.array(z.string()).optional(),
  shard: z.string().optional(),
});

const environment = z.object({
  node: z.string(),
  platform: z.string(),
  cucumber: z.string(),
  ci: z.object({ name: z.string(), url: z.string().optional() }).optional(),
  git: z.object({ revision: z.string().optional(), branch: z.string().optional() }).optional(),
});

/** A run record, `results.json`. */
export const runSchema: z.ZodType<RunRecord> = z.object({
  format: z.literal(recordFormat),
  boardspec: z.string().describe('Version of boardspec that wrote it'),
  started: z.string().describe('ISO 8601'),
  finished: z.string().describe('ISO 8601'),
  interrupted: z.boolean(),
  request,
  environment,
  scenarios: z.array(scenario),
  errors: z.array(z.string()).describe('What went wrong outside of scenarios'),
});

const totals = z.object({ passed: z.number(), failed: z.number(), skipped: z.number(), 'not-run': z.number() });

/** The conformance report as data, `conformance.json`. */
export const conformanceSchema = z.object({
  format: z.literal(conformanceFormat),
  generated: z.string().describe('ISO 8601'),
  boardspec: z.string(),
  totals,
  columns: z
    .array(z.object({ id: z.string(), board: z.string(), target: z.string(), machine: z.string(), firmware: z.string() }))
    .describe('Boards as a target played them'),
  rows: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      group: z.string(),
      cells: z
        .record(z.string(), totals.extend({ state: z.enum(['holds', 'fails', 'partly', 'open', 'unspecified']) }))
        .describe('By column id'),
    }),
  ),
  scenarios: z.array(scenario.extend({ columns: z.array(z.string()) })),
  runs: z.array(
    z.object({
      format: z.literal(recordFormat),
      boardspec: z.string(),
      started: z.string(),
      finished: z.string(),
      interrupted: z.boolean(),
      request,
      environment,
      errors: z.array(z.string()),
    }),
  ),
  errors: z.array(z.string()),
});

/** JSON Schema of a file. */
export function jsonSchema(schema: z.ZodType, title: string): string {
  return `${JSON.stringify({ title, ...z.toJSONSchema(schema) }, null, 2)}\n`;
}

/** Run records on disk: a JSON file, and the evidence beside it. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { z } from 'zod';
import { type EvidenceRecord, type RunRecord, recordFormat, type ScenarioRecord } from './record.ts';
import { runSchema } from './schema.ts';

export const recordFileName = 'results.json';

/** Writes the record and its evidence into a folder; returns the record that has the evidence's places. */
export function writeRecord(folder: string, record: RunRecord): RunRecord {
  const written = withEvidence(folder, record);
  writeFileSync(join(folder, recordFileName), `${JSON.stringify(written, null, 1)}\n`);
  return written;
}

/** Writes the evidence that the record holds beside it. Evidence that is there already stays, if the record names it. */
export function withEvidence(folder: string, record: RunRecord): RunRecord {
  const kept = record.scenarios.some(({ evidence }) => evidence.some(({ file }) => file !== undefined));
  if (!kept) rmSync(join(folder, 'evidence'), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return { ...record, scenarios: record.scenarios.map(scenario => ({ ...scenario, evidence: writeEvidence(folder, scenario) })) };
}

/** @throws Error if the file is no run record that this version reads */
export function readRecord(file: string): RunRecord {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file}: cannot be read as a run record: ${(error as Error).message}`);
  }
  const format = (content as { format?: unknown } | null)?.format;
  if (format !== recordFormat) throw new Error(`${file}: its format is ${JSON.stringify(format)}, not "${recordFormat}"`);
  const result = runSchema.safeParse(content);
  if (!result.success) throw new Error(`${file}: ${z.prettifyError(result.error).split('\n').slice(0, 4).join(' ')}`);
  return result.data;
}

function writeEvidence(folder: string, scenario: ScenarioRecord): EvidenceRecord[] {
  if (scenario.evidence.every(({ body }) => body === undefined)) return [...scenario.evidence];
  // The scenario's own name may hold anything; a number of it cannot lead out of the folder.
  const place = join('evidence', createHash('sha256').update(scenario.id).digest('hex').slice(0, 16));
  mkdirSync(join(folder, place), { recursive: true });
  const taken = new Set<string>();
  return scenario.evidence.map(({ name, mediaType, body, encoding }) => {
    const fileName = freeName(safeName(name), taken);
    writeFileSync(join(folder, place, fileName), Buffer.from(body ?? '', encoding === 'base64' ? 'base64' : 'utf8'));
    return { name, mediaType, file: `${place}/${fileName}`.replaceAll('\\', '/') };
  });
}

function safeName(name: string): string {
  const safe = basename(name)
    .replace(/[^\w.-]/g, '_')
    .replace(/^\.+/, '');
  return safe === '' ? 'evidence' : safe.slice(-80);
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${basename(name, extname(name))}-${n}${extname(name)}`;
  taken.add(free);
  return free;
}

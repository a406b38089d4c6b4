/** Run records on disk: a JSON file, and the evidence beside it. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { type EvidenceRecord, type RunRecord, recordFormat, type ScenarioRecord } from './record.ts';

export const recordFileName = 'results.json';

/** Writes the record and its evidence into a folder; returns the record that has the evidence's places. Evidence that is there already stays. */
export function writeRecord(folder: string, record: RunRecord): RunRecord {
  const kept = record.scenarios.some(({ evidence }) => evidence.some(({ file }) => file !== undefined));
  if (!kept) rmSync(join(folder, 'evidence'), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const scenarios = record.scenarios.map(scenario => ({ ...scenario, evidence: writeEvidence(folder, scenario) }));
  const written = { ...record, scenarios };
  writeFileSync(join(folder, recordFileName), `${JSON.stringify(written, null, 1)}\n`);
  return written;
}

/** @throws Error if the file is no run record that this version reads */
export function readRecord(file: string): RunRecord {
  let record: RunRecord;
  try {
    record = JSON.parse(readFileSync(file, 'utf8')) as RunRecord;
  } catch (error) {
    throw new Error(`${file}: cannot be read as a run record: ${(error as Error).message}`);
  }
  if (record.format !== recordFormat) throw new Error(`${file}: its format is "${record.format}", not "${recordFormat}"`);
  return record;
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

/** Writes every report of one or several run records into a folder. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { type Comparison, compare } from './comparison.ts';
import { type Conformance, conformance, mergeRuns } from './conformance.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { page } from './page.ts';
import type { EvidenceRecord, RunRecord } from './record.ts';
import type { Row } from './rows.ts';

/** A record, and the folder it was read from, in which its evidence lies. */
export interface PlacedRun {
  readonly record: RunRecord;
  readonly folder: string;
}

export interface ReportOptions {
  readonly rows?: readonly Row[];
  /** Older runs to compare with. */
  readonly older?: readonly RunRecord[];
  readonly title?: string;
}

export interface ReportFiles {
  readonly html: string;
  readonly markdown: string;
  readonly json: string;
  readonly junit: string;
}

/** Writes the reports; returns where they are, and what they show. */
export function writeReports(
  out: string,
  runs: readonly PlacedRun[],
  options: ReportOptions = {},
): { files: ReportFiles; report: Conformance; comparison?: Comparison } {
  mkdirSync(out, { recursive: true });
  const placed = runs.map(({ record, folder }) => ({
    ...record,
    scenarios: record.scenarios.map(scenario => ({ ...scenario, evidence: scenario.evidence.map(piece => moved(piece, folder, out)) })),
  }));
  const merged = mergeRuns(placed);
  const report = conformance(merged, options.rows ?? []);
  const comparison = options.older === undefined ? undefined : compare(mergeRuns(options.older), merged);
  const files: ReportFiles = {
    html: join(out, 'conformance.html'),
    markdown: join(out, 'conformance.md'),
    json: join(out, 'conformance.json'),
    junit: join(out, 'junit.xml'),
  };
  const roots = runs.map(({ folder }) => resolve(folder));
  const readEvidence = (_: unknown, { file, body, encoding }: EvidenceRecord): Buffer | undefined => {
    if (body !== undefined) return Buffer.from(body, encoding === 'base64' ? 'base64' : 'utf8');
    if (file === undefined) return undefined;
    const path = resolve(out, file);
    // A record names its own evidence only: it is no way to read other files of the host into a page.
    if (!roots.some(root => within(root, path))) return undefined;
    try {
      return readFileSync(path);
    } catch {
      return undefined;
    }
  };
  writeFileSync(files.html, page(report, { readEvidence, comparison, title: options.title }));
  writeFileSync(files.markdown, markdown(report, { comparison, title: options.title }));
  writeFileSync(files.json, `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(files.junit, junit(report));
  return { files, report, comparison };
}

/** The same piece of evidence, its place told from the reports' folder instead of the record's. */
function moved(evidence: EvidenceRecord, from: string, to: string): EvidenceRecord {
  if (evidence.file === undefined) return evidence;
  return { ...evidence, file: relative(resolve(to), resolve(from, evidence.file)).replaceAll('\\', '/') };
}

function within(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}

/** `boardspec report`: builds the reports from one or several run records. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { generateAllureReport } from '../reports/allure.ts';
import { readRecord, recordFileName } from '../reports/record-file.ts';
import { readRows } from '../reports/rows.ts';
import { type PlacedRun, writeReports } from '../reports/write.ts';
import { CommandFailure } from './failure.ts';

export interface ReportCommandOptions {
  readonly out: string;
  readonly rows?: string;
  readonly compare?: readonly string[];
  readonly title?: string;
  readonly allure?: boolean;
}

/** Records may be named as files, or as folders that hold them at any depth (what a CI downloads from its shards). */
export function report(places: readonly string[], options: ReportCommandOptions): void {
  const out = resolve(options.out);
  const runs = load(places.length > 0 ? places : [join(options.out, recordFileName)]);
  const older = options.compare?.length ? load(options.compare).map(({ record }) => record) : undefined;
  const { files, report, comparison } = writeReports(out, runs, { rows: rowsFile(options.rows), older, title: options.title });
  const { passed, failed, skipped } = report.totals;
  const show = (file: string): string => relative(process.cwd(), file) || file;
  process.stdout.write(
    `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, ${report.scenarios.length} scenarios: ${passed} passed, ${failed} failed, ${skipped} skipped\n`,
  );
  if (comparison !== undefined)
    process.stdout.write(
      `Changes since ${comparison.since}: ${comparison.broken.length} broken, ${comparison.fixed.length} fixed, ${comparison.added.length} new, ${comparison.removed.length} gone\n`,
    );
  process.stdout.write(
    `Conformance report: ${show(files.html)}\nMarkdown: ${show(files.markdown)}\nJSON: ${show(files.json)}\nJUnit: ${show(files.junit)}\n`,
  );
  if (options.allure) showAllure(out);
}

export function showAllure(out: string): void {
  const result = generateAllureReport(out, process.cwd());
  process.stdout.write(
    'index' in result ? `Allure report: ${relative(process.cwd(), result.index)}\n` : `Allure report: none, ${result.reason}\n`,
  );
}

/** The project's rows: a file that was named, or `features/rows.yaml`. */
export function rowsFile(named: string | undefined): ReturnType<typeof readRows> {
  if (named !== undefined && !existsSync(named)) throw new CommandFailure(`${named}: there is no such file`);
  return readRows(named ?? join('features', 'rows.yaml'));
}

function load(places: readonly string[]): PlacedRun[] {
  const files = places.flatMap(place => {
    if (!existsSync(place))
      throw new CommandFailure(`${place}: there is no such file or folder; run the specs first, or name a run record`);
    if (!statSync(place).isDirectory()) return [place];
    const found = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter(
      name => name.endsWith('.json') && name.split(/[\\/]/).at(-1) === recordFileName,
    );
    if (found.length === 0) throw new CommandFailure(`${place}: no ${recordFileName} in it`);
    return found.sort().map(name => join(place, name));
  });
  try {
    return files.map(file => ({ record: readRecord(file), folder: dirname(resolve(file)) }));
  } catch (error) {
    throw new CommandFailure((error as Error).message);
  }
}

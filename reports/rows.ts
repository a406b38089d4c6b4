/**
 * What a project promises, row by row. A scenario names the rows that it specifies by tags (`@B1`); a file `rows.yaml` gives them
 * titles and groups, so that the report shows those that nothing specifies, too.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

export interface Row {
  readonly id: string;
  readonly title: string;
  readonly group: string;
}

const file = z.array(
  z.object({
    group: z.string(),
    rows: z.record(z.string().regex(/^[A-Z]\d{1,2}$/, 'a row is a capital letter and a number, such as B1'), z.string()),
  }),
);

/** @throws Error that names the file and the field */
export function readRows(path: string): Row[] {
  if (!existsSync(path)) return [];
  const result = file.safeParse(parse(readFileSync(path, 'utf8')));
  if (!result.success) throw new Error(`${path}: ${z.prettifyError(result.error)}`);
  return result.data.flatMap(({ group, rows }) => Object.entries(rows).map(([id, title]) => ({ id, title, group })));
}

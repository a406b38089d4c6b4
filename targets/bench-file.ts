/** What a bench holds, from the host's files: folders and images for flash and card, and whole benches written in YAML. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { boards } from '../boards/index.ts';
import type { BenchSetup, BoardSetup, MediumSetup } from '../emulator/session/handle.ts';

/** A bench file, or a medium, that cannot be read as one. The message names the file and the field. */
export class BenchFileError extends Error {
  override readonly name = 'BenchFileError';
}

/** A folder becomes a fresh filesystem with its files; a file is the image itself. @throws BenchFileError */
export function mediumFrom(path: string): MediumSetup {
  if (!existsSync(path)) throw new BenchFileError(`${path}: there is no such folder or image`);
  if (!statSync(path).isDirectory()) return { kind: 'image', bytes: readFileSync(path) };
  const files: Record<string, Uint8Array> = {};
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(path, name);
    if (statSync(file).isFile()) files[relative(path, file).replaceAll('\\', '/')] = readFileSync(file);
  }
  return { kind: 'files', files };
}

/** The bytes of a firmware file. @throws BenchFileError */
export function firmwareFrom(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reasons: Record<string, string> = { ENOENT: 'there is no such firmware file', EISDIR: 'that is a folder, not a firmware file' };
    throw new BenchFileError(`${path}: ${reasons[code ?? ''] ?? message}`);
  }
}

const medium = z.union([z.string(), z.object({ blank: z.literal(true), size: z.int().positive().optional() }).strict()]);
const board = z.union([
  z.string(),
  z
    .object({
      board: z.string(),
      flash: medium.optional(),
      sd: medium.optional(),
      heap: z.int().positive().optional(),
      terminal: z.boolean().optional(),
      drift: z.number().optional(),
      firmware: z.string().optional(),
      modules: z.array(z.string()).optional(),
    })
    .strict(),
]);
const value = z.union([z.number(), z.string(), z.boolean(), z.array(z.number())]);
const schema = z
  .object({
    boards: z.record(z.string(), board),
    parts: z
      .record(
        z.string(),
        z.object({ kind: z.string(), pins: z.record(z.string(), z.string()), options: z.record(z.string(), value).optional() }).strict(),
      )
      .optional(),
    wires: z
      .array(
        z.union([
          z.array(z.string()).min(2),
          z
            .object({ pins: z.array(z.string()).min(1), pull: z.enum(['up', 'down']).optional(), ohms: z.number().positive().optional() })
            .strict(),
        ]),
      )
      .optional(),
    seed: z.int().nonnegative().optional(),
  })
  .strict();

/**
 * Reads a bench from YAML: its boards by name, their media, the parts and the wires. Paths in it are from its own folder. A board is named, or is a YAML
 * file with a whole definition (`./my-board.yaml`).
 * @throws BenchFileError that names the field
 */
export function readBenchFile(path: string): BenchSetup {
  if (!existsSync(path)) throw new BenchFileError(`${path}: there is no such file`);
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new BenchFileError(`${path}: ${(error as Error).message.split('\n')[0]}`);
  }
  const result = schema.safeParse(content);
  if (!result.success) throw new BenchFileError(`${path}: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`);
  const folder = dirname(resolve(path));
  const inFolder = (name: string): string => resolve(folder, name);
  const mediumOf = (given: z.infer<typeof medium> | undefined): MediumSetup | undefined =>
    given === undefined ? undefined : typeof given === 'string' ? mediumFrom(inFolder(given)) : { kind: 'blank', size: given.size };
  const { boards, parts = {}, wires = [], seed } = result.data;
  return {
    boards: Object.entries(boards).map(([name, given]): BoardSetup => {
      if (typeof given === 'string') return { name, board: boardFrom(given, folder) };
      const { board, flash, sd, firmware, modules, ...rest } = given;
      return {
        name,
        board: boardFrom(board, folder),
        ...rest,
        flash: mediumOf(flash),
        sd: mediumOf(sd),
        ...(firmware === undefined ? {} : { firmware: firmwareFrom(inFolder(firmware)) }),
        ...(modules === undefined ? {} : { modules: modules.map(file => pathToFileURL(inFolder(file)).href) }),
      };
    }),
    parts: Object.entries(parts).map(([name, { kind, pins, options }]) => ({ name, kind, pins, options })),
    wires: wires.map(wire =>
      Array.isArray(wire)
        ? { pins: wire }
        : {
            pins: wire.pins,
            ...(wire.pull === undefined ? {} : { pull: { to: wire.pull === 'up' ? 'high' : 'low', ohms: wire.ohms } as const }),
          },
    ),
    ...(seed === undefined ? {} : { seed }),
  };
}

/** A board's name as it is, or its definition when a YAML file is named. @throws BenchFileError */
export function boardFrom(name: string, folder: string): string | object {
  if (!/\.ya?ml$/.test(name)) return name;
  const file = resolve(folder, name);
  if (!existsSync(file)) throw new BenchFileError(`${file}: there is no such board file`);
  const definition: unknown = parse(readFileSync(file, 'utf8'));
  if (typeof definition !== 'object' || definition === null) throw new BenchFileError(`${file}: it holds no board definition`);
  const { extends: base, ...changes } = definition as { extends?: unknown };
  if (base === undefined) return definition;
  const known = boards.get(String(base));
  if (known === undefined)
    throw new BenchFileError(`${file}: extends: there is no board "${base}"; there are: ${[...boards.keys()].join(', ')}`);
  return changed(known, changes);
}

/** A definition with changes: fields of objects one by one, lists as a whole. */
function changed(base: unknown, change: unknown): object {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject(base) || !isObject(change)) return change as object;
  const fields = Object.entries(change).map(
    ([name, value]) => [name, changed(Object.hasOwn(base, name) ? base[name] : undefined, value)] as const,
  );
  return { ...base, ...Object.fromEntries(fields) };
}

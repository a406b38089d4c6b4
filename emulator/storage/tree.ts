/** Whole trees of files into a filesystem, and out of it: what `--flash DIR` and steps do with a board's drive. */
import { type Filesystem, pathBytes, pathText } from './filesystem.ts';
import { EEXIST, EIO, StorageError } from './storage-error.ts';

/** Contents by absolute path ("/lib/a.py"). A path that ends in "/" is an empty directory. */
export type FileTree = Map<string, Uint8Array>;

/** A filesystem whose directories nest deeper than this is taken for damaged. */
const MAX_DEPTH = 64;
/** The same for the number of files and directories. */
const MAX_ITEMS = 100_000;
const CHUNK = 4096;

/** Writes files, making the directories they need. @throws StorageError as the filesystem does (ENOSPC when full) */
export function writeTree(filesystem: Filesystem, tree: ReadonlyMap<string, Uint8Array>): void {
  const made = new Set<string>();
  for (const [path, contents] of tree) {
    const segments = path.split('/').filter(segment => segment !== '');
    const isDirectory = path.endsWith('/');
    const depth = isDirectory ? segments.length : segments.length - 1;
    for (let i = 1; i <= depth; i++) {
      const directory = `/${segments.slice(0, i).join('/')}`;
      if (!made.has(directory)) makeDirectory(filesystem, directory);
      made.add(directory);
    }
    if (isDirectory) continue;
    const file = filesystem.open(`/${segments.join('/')}`, 'wb');
    file.write(contents);
    file.close();
  }
}

function makeDirectory(filesystem: Filesystem, path: string): void {
  try {
    filesystem.makeDirectory(path);
  } catch (error) {
    if (!(error instanceof StorageError && error.errno === EEXIST)) throw error;
  }
}

/** A file or folder of a medium. */
export interface MediumEntry {
  /** From the root of the medium, "/" between folders, none before the first. */
  path: string;
  kind: 'file' | 'folder';
  size: number;
}

/** All files and folders, each folder before what is in it. @throws StorageError for a damaged filesystem */
export function listTree(filesystem: Filesystem): MediumEntry[] {
  const entries: MediumEntry[] = [];
  const visit = (folder: string, depth: number): void => {
    for (const item of [...filesystem.list(`/${folder}`)]) {
      if (depth > MAX_DEPTH || entries.length > MAX_ITEMS) throw new StorageError(EIO);
      const path = folder === '' ? pathText(item.name) : `${folder}/${pathText(item.name)}`;
      entries.push({ path, kind: item.directory ? 'folder' : 'file', size: item.size });
      if (item.directory) visit(path, depth + 1);
    }
  };
  visit('', 0);
  return entries;
}

/** Reads all files, and the directories that are empty. @throws StorageError for a file that cannot be read */
export function readTree(filesystem: Filesystem): FileTree {
  const tree: FileTree = new Map();
  let count = 0;
  const visit = (directory: Uint8Array, depth: number): void => {
    if (depth > MAX_DEPTH) throw new StorageError(EIO);
    const items = [...filesystem.list(directory)];
    if (items.length === 0 && depth > 0) tree.set(`${pathText(directory)}/`, new Uint8Array(0));
    for (const item of items) {
      if (++count > MAX_ITEMS) throw new StorageError(EIO);
      const path = joinPath(directory, item.name);
      if (item.directory) visit(path, depth + 1);
      else tree.set(pathText(path), readFile(filesystem, path));
    }
  };
  visit(pathBytes('/'), 0);
  return tree;
}

/** All of a file. The size in its directory is not trusted: a damaged one may claim 4 GB. */
export function readFile(filesystem: Filesystem, path: string | Uint8Array): Uint8Array {
  const file = filesystem.open(path, 'rb');
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const part = new Uint8Array(CHUNK);
    const count = file.read(part);
    if (count === 0) break;
    parts.push(part.subarray(0, count));
    length += count;
  }
  file.close();
  const contents = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    contents.set(part, at);
    at += part.length;
  }
  return contents;
}

function joinPath(directory: Uint8Array, name: Uint8Array): Uint8Array {
  const separator = directory.length === 1 ? 0 : 1;
  const path = new Uint8Array(directory.length + separator + name.length);
  path.set(directory);
  path[directory.length] = 0x2f;
  path.set(name, directory.length + separator);
  if (separator === 0) path[0] = 0x2f;
  return path;
}

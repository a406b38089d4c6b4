/** The files that a manifest may see: the folders that it was given, and the tree that stands for a checkout of MicroPython. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { STOCK_ROOT, stockFiles } from './stock-tree.ts';

export class OutsideError extends Error {
  override readonly name = 'OutsideError';
}

const inStock = (path: string): boolean => path === STOCK_ROOT || path.startsWith(`${STOCK_ROOT}/`);

export class ManifestFiles {
  private readonly roots: string[] = [];

  /** Lets the manifest see a folder of the host, with all below it. It must exist. */
  allow(folder: string): void {
    this.roots.push(realpathSync(folder));
  }

  /** The folders of the host that it sees. */
  get folders(): readonly string[] {
    return this.roots;
  }

  /** An absolute path, from a folder. */
  resolve(from: string, path: string): string {
    if (!inStock(from) && !path.startsWith(STOCK_ROOT)) return resolve(from, path);
    const parts: string[] = [];
    for (const part of (path.startsWith('/') ? path : `${from}/${path}`).split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '' && part !== '.') parts.push(part);
    }
    return `/${parts.join('/')}`;
  }

  /** @throws OutsideError for what lies outside the folders, links resolved */
  kind(path: string): 'file' | 'folder' | undefined {
    if (inStock(path)) {
      if (stockFiles().has(path)) return 'file';
      return [...stockFiles().keys()].some(file => file.startsWith(`${path}/`)) ? 'folder' : undefined;
    }
    if (!this.sees(path)) throw new OutsideError(path);
    if (!existsSync(path)) return undefined;
    return statSync(path).isDirectory() ? 'folder' : 'file';
  }

  read(path: string): Uint8Array {
    return inStock(path) ? new TextEncoder().encode(stockFiles().get(path)) : readFileSync(path);
  }

  /** Paths of all files below a folder, relative to it, with `/` between their parts, in the order of their names. What a link leads out to is left out. */
  below(folder: string): string[] {
    if (inStock(folder)) {
      return [...stockFiles().keys()].filter(file => file.startsWith(`${folder}/`)).map(file => file.slice(folder.length + 1));
    }
    const found: string[] = [];
    const seen = new Set<string>();
    const walk = (path: string, prefix: string): void => {
      const real = realpathSync(path);
      if (seen.has(real)) return;
      seen.add(real);
      const names = readdirSync(path).sort();
      const folders: string[] = [];
      for (const name of names) {
        const inner = resolve(path, name);
        if (!existsSync(inner) || !this.sees(inner)) continue;
        if (statSync(inner).isDirectory()) folders.push(name);
        else found.push(prefix + name);
      }
      for (const name of folders) walk(resolve(path, name), `${prefix}${name}/`);
    };
    walk(folder, '');
    return found;
  }

  /** As a person would write it: from the current folder, if it is there. */
  shown(path: string): string {
    if (inStock(path)) return path.replace(STOCK_ROOT, '$(MPY_DIR)');
    const near = relative(process.cwd(), path);
    return near === '' ? '.' : near.startsWith('..') || isAbsolute(near) ? path : near.replaceAll('\\', '/');
  }

  private sees(path: string): boolean {
    const real = nearest(path);
    return this.roots.some(root => real === root || real.startsWith(root.endsWith(sep) ? root : root + sep));
  }
}

/** The real path of what exists on the way to a path, with the rest behind it. */
function nearest(path: string): string {
  let existing = path;
  while (!existsSync(existing)) {
    const above = resolve(existing, '..');
    if (above === existing) return path;
    existing = above;
  }
  return resolve(realpathSync(existing), relative(existing, path));
}

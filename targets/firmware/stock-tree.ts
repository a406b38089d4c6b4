/**
 * What stands for a checkout of MicroPython when nobody has named one: the manifests of the boards, and the modules that they freeze, in our own text, at
 * the paths that manifests know. So `include("$(PORT_DIR)/boards/manifest.py")` and `require("onewire")` work without anything else.
 */
import type { Board } from '../../boards/board.ts';
import { boards } from '../../boards/index.ts';
import { stockPaths, stockSource } from '../../emulator/modules/frozen/frozen-modules.ts';

/** A path that no host has. */
export const STOCK_ROOT = '/boardspec:micropython';

const ASYNCIO = `${STOCK_ROOT}/extmod/asyncio`;
const LIBRARY = `${STOCK_ROOT}/lib/micropython-lib`;

export interface StockFolders {
  readonly MPY_DIR: string;
  readonly MPY_LIB_DIR: string;
  readonly PORT_DIR: string;
  readonly BOARD_DIR: string;
}

/** Port by the board's platform, as upstream's folders are called. */
const PORTS: Readonly<Record<string, string>> = { pyboard: 'stm32', linux: 'unix', webassembly: 'webassembly', qemu: 'qemu' };

/** What the manifest variables name for a board. */
export function stockFolders({ name, identity }: Board): StockFolders {
  const PORT_DIR = `${STOCK_ROOT}/ports/${PORTS[identity.platform] ?? identity.platform}`;
  return { MPY_DIR: STOCK_ROOT, MPY_LIB_DIR: LIBRARY, PORT_DIR, BOARD_DIR: `${PORT_DIR}/boards/${identity.build ?? name}` };
}

let files: Map<string, string> | undefined;

/** The tree's files by path. */
export function stockFiles(): ReadonlyMap<string, string> {
  return (files ??= makeFiles());
}

const text = (path: string): string => stockSource(path)!.text;

function makeFiles(): Map<string, string> {
  const made = new Map<string, string>();
  const parts: string[] = [];
  for (const path of stockPaths()) {
    if (path.startsWith('asyncio/')) {
      made.set(`${ASYNCIO}/${path.slice('asyncio/'.length)}.py`, text(path));
      parts.push(`${path.slice('asyncio/'.length)}.py`);
    } else if (path === 'uasyncio') made.set(`${ASYNCIO}/uasyncio.py`, text(path));
    else made.set(`${LIBRARY}/micropython/${path.split('/')[0]}/${path}.py`, text(path));
  }
  made.set(
    `${ASYNCIO}/manifest.py`,
    `package("asyncio", (${parts.map(part => `"${part}", `).join('')}), base_path="..", opt=3)\nmodule("uasyncio.py", opt=3)\n`,
  );
  const libraries = new Map<string, string[]>();
  for (const path of stockPaths()) {
    if (path.startsWith('asyncio/') || path === 'uasyncio') continue;
    const name = path.split('/')[0];
    libraries.set(name, [...(libraries.get(name) ?? []), path]);
  }
  for (const [name, paths] of libraries) {
    const level = (path: string) => stockSource(path)!.optLevel;
    const manifest = paths.some(path => path.includes('/'))
      ? paths.map(path => `package("${name}", ("${path.slice(name.length + 1)}.py",), opt=${level(path)})\n`).join('')
      : `module("${name}.py", opt=${level(name)})\n`;
    made.set(`${LIBRARY}/micropython/${name}/manifest.py`, manifest);
  }
  for (const board of boards.values()) {
    const { PORT_DIR, BOARD_DIR } = stockFolders(board);
    const frozen = new Set(board.modules.frozen.map(path => path.split('/')[0]));
    const own = (wanted: readonly string[]) => wanted.filter(module => frozen.has(module)).map(module => `require("${module}")\n`);
    const asyncio = frozen.has('asyncio') ? 'include("$(MPY_DIR)/extmod/asyncio")\n' : '';
    const everywhere = ['dht', 'onewire'];
    made.set(`${PORT_DIR}/boards/manifest.py`, asyncio + own(everywhere).join(''));
    if (frozen.has('lcd160cr')) made.set(`${PORT_DIR}/boards/manifest_pyboard.py`, 'require("lcd160cr")\n');
    const rest = own([...frozen].filter(module => !['asyncio', 'uasyncio', 'lcd160cr', ...everywhere].includes(module))).join('');
    made.set(
      `${BOARD_DIR}/manifest.py`,
      `include("$(PORT_DIR)/boards/manifest.py")\n${frozen.has('lcd160cr') ? 'include("$(PORT_DIR)/boards/manifest_pyboard.py")\n' : ''}${rest}`,
    );
  }
  return made;
}

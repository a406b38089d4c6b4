/** The official WebAssembly build and our machine of the same profile, both asked to run a program: what differs is our error. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { webassemblyProfile } from '../emulator/vm/profiles.ts';
import { testMachine } from '../emulator/vm/test-machine.ts';

interface MicroPython {
  runPython(code: string): void;
  globals: { get(name: string): unknown; set(name: string, value: unknown): void };
}

/** Runs a program in a namespace of its own and prints how it ended. */
const WRAPPER = `
def _run(_source):
    try:
        exec(_source, {"__name__": "program"})
    except SystemExit as e:
        print("SystemExit", e.args)
    except BaseException as e:
        print(type(e).__name__, e.args)
`;

const pythonString = (text: string): string => {
  let out = '"';
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (char === '"' || char === '\\') out += `\\${char}`;
    else if (code >= 32 && code < 127) out += char;
    else out += code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
  }
  return `${out}"`;
};

const callOf = (source: string): string => `_run(${pythonString(source)})`;

export interface Official {
  run(source: string): string;
}

const HEAP = 4 << 20;

export async function official(): Promise<Official> {
  const entry = createRequire(import.meta.url).resolve('@micropython/micropython-webassembly-pyscript/micropython.mjs');
  const { loadMicroPython } = (await import(pathToFileURL(entry).href)) as { loadMicroPython(options: object): Promise<MicroPython> };
  let output: number[] = [];
  const take = (bytes: Uint8Array): void => {
    for (const byte of bytes) output.push(byte);
  };
  const python = await loadMicroPython({
    heapsize: HEAP,
    linebuffer: false,
    stdout: take,
    stderr: take,
  });
  python.runPython(WRAPPER);
  return {
    run(source) {
      output = [];
      python.runPython(callOf(source));
      return Buffer.from(output).toString('utf8');
    },
  };
}

export function ours(): Official {
  return {
    run: source => testMachine({ ...webassemblyProfile, heapSize: HEAP }).run(`${WRAPPER}\n${callOf(source)}`),
  };
}

/**
 * The two implementations that the differential suites compare: the official WebAssembly build of MicroPython 1.27.0, and ours with
 * the same profile. Each program gets a fresh one of both, and each answers with all that the program printed, the traceback of an uncaught
 * exception at the end.
 */
import { webassemblyProfile } from '../../emulator/vm/profiles.ts';
import { testMachine } from '../../emulator/vm/test-machine.ts';

interface MicroPython {
  runPython(source: string): unknown;
}
interface Package {
  loadMicroPython(options: { stdout: (bytes: Uint8Array) => void; linebuffer: false }): Promise<MicroPython>;
}

const PACKAGE = '@micropython/micropython-webassembly-pyscript';

/** Output beyond this is cut: a program that prints for ever is of no use. */
const MAX_OUTPUT = 1 << 20;

/** What the official build prints; undefined where it breaks down itself (a few built-in methods run over their memory there). */
export async function officialOutput(source: string): Promise<string | undefined> {
  const { loadMicroPython } = (await import(PACKAGE)) as Package;
  const decoder = new TextDecoder();
  let output = '';
  const board = await loadMicroPython({
    linebuffer: false,
    stdout: bytes => {
      if (output.length < MAX_OUTPUT) output += decoder.decode(bytes, { stream: true });
    },
  });
  try {
    board.runPython(source);
  } catch (error) {
    if ((error as Error).name === 'RuntimeError') return undefined;
    output += (error as Error).message;
  }
  return comparable(output);
}

/** What ours prints. */
export function ourOutput(source: string): string {
  return comparable(testMachine(webassemblyProfile).run(source, '<stdin>'));
}

/** Addresses differ from run to run, and say nothing. */
function comparable(output: string): string {
  return output.replace(/\b(at|bound_method|object) (0x)?[0-9a-f]{4,}\b/g, '$1 ADDRESS').trimEnd();
}

/** Runs a program of unknown manners on a fresh machine, for a bounded virtual time, and tells how that went. */
import { createMachine, type MachineContext } from '../../emulator/boot/create-machine.ts';
import type { ProcessJob } from '../../emulator/boot/process-job.ts';
import { Clock } from '../../emulator/clock/clock.ts';
import { MemoryFiles } from '../../emulator/storage/memory-files.ts';
import { Trace } from '../../emulator/trace/trace.ts';

export interface Subject {
  readonly board: 'unix' | 'pyboard-v1.1';
  /** A program's text, or the bytes of a `.mpy` file that is imported. */
  readonly kind: 'source' | 'mpy';
  readonly bytes: Uint8Array;
}

export interface Outcome {
  /** `ended`: by itself, with or without a guest exception; `stopped`: its time was up; `waits`: for something that never comes. */
  readonly how: 'ended' | 'stopped' | 'waits';
  /** Exit status; undefined when it did not end. */
  readonly status: number | undefined;
  /** What it printed, at least the last 64 KiB. */
  readonly output: string;
}

const KEPT = 1 << 16;

const JOB: ProcessJob = {
  action: { kind: 'module', name: 'subject' },
  argv: ['subject'],
  sysPath: ['', '.frozen'],
  executable: '/micropython',
  optLevel: 0,
  emit: 'bytecode',
  compileOnly: false,
  inspect: false,
  environment: new Map(),
  terminal: false,
  verbosity: 0,
  history: [],
  mounts: [],
  directory: '/',
};

/** Imports `subject` from a filesystem that holds only the given bytes. */
function importer(bytes: Uint8Array): string {
  const literal = `b'${Array.from(bytes, byte => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}'`;
  return `import io, sys
try:
    import vfs
except ImportError:
    import uos as vfs
class F(io.IOBase):
    def __init__(self): self.at = 0
    def readinto(self, b):
        d = DATA[self.at:self.at + len(b)]
        b[:len(d)] = d
        self.at += len(d)
        return len(d)
    def ioctl(self, request, argument): return 0 if request == 4 else -1
class Fs:
    def mount(self, readonly, mkfs): pass
    def umount(self): pass
    def stat(self, path):
        if path == '/subject.mpy': return (32768, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        raise OSError(2)
    def open(self, path, mode): return F()
DATA = ${literal}
vfs.mount(Fs(), '/subject')
sys.path.append('/subject')
import subject
`;
}

/**
 * @param budget virtual time in ns after which the program is stopped
 * @throws whatever escapes from the emulator: a fault of ours
 */
export function runBudgeted({ board, kind, bytes }: Subject, budget: number): Outcome {
  const clock = new Clock();
  let how: Outcome['how'] = 'ended';
  const files = new MemoryFiles(8 << 20);
  files.put(kind === 'mpy' ? '/subject.mpy' : '/subject.py', bytes);
  const context: MachineContext = {
    clock,
    trace: new Trace(clock),
    seed: 1,
    idle: until => {
      const next = Math.min(until, clock.nextDue);
      if (next === Infinity) {
        how = 'waits';
        machine.powerOff();
      } else clock.advanceTo(next);
    },
    files: () => files,
  };
  const program = { source: kind === 'mpy' ? new TextEncoder().encode(importer(bytes)) : bytes, fileName: 'subject.py' };
  const setup = board === 'unix' ? { board, process: JOB } : { board, program };
  const machine = createMachine('dut', setup, context);
  clock.after(budget, () => {
    if (!machine.runnable) return;
    how = 'stopped';
    machine.powerOff();
  });
  for (const [name, console] of machine.consoles) if (name === 'usb') console.end();
  machine.powerOn();
  for (let starts = 0; machine.runnable && starts < 10; starts++) machine.main();
  const console = machine.consoles.get('usb')!;
  const output = console.since(Math.max(0, console.sent - KEPT));
  const ended = how === 'ended' || machine.exitStatus !== undefined;
  return { how: ended ? 'ended' : how, status: ended ? machine.exitStatus : undefined, output: new TextDecoder('latin1').decode(output) };
}

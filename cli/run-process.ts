/** Runs a MicroPython process on this command's standard streams. */
import type { ProcessJob } from '../emulator/boot/process-job.ts';
import { SessionError } from '../emulator/session/error.ts';
import type { BoardHandle, Condition, Session } from '../emulator/session/handle.ts';
import { createPool } from '../emulator/session/pool.ts';
import { CommandFailure } from './failure.ts';
import { writer } from './output.ts';

export interface ProcessEnd {
  readonly status: number;
  /** The lines typed at its prompts; undefined when it had none. */
  readonly history: Uint8Array | undefined;
}

/** How long a program that looks for input waits for what is there already, in ms. */
const FIRST_INPUT = 20;
/** A process that does not take an interrupt within this time ends at the next one, in ms. */
const PATIENCE = 500;

/** @param heap bytes of guest heap */
export async function runProcess(job: ProcessJob, heap: number): Promise<ProcessEnd> {
  const pool = createPool();
  let input: StandardInput | undefined;
  try {
    const session = await pool.open({ boards: [{ name: 'dut', board: 'unix', heap, process: job }], wallLimit: Infinity });
    const board = session.boards.get('dut')!;
    board.serial().onData(writer(process.stdout));
    board.serial('stderr').onData(writer(process.stderr));
    const interrupt = interrupter(board, () => input?.restore());
    process.on('SIGINT', interrupt);
    await board.powerOn();
    input = new StandardInput(board, job.action.kind === 'stdin', interrupt);
    board.serial('terminal').onData(reads => input?.setMode(Buffer.from(reads).toString() === 'keys'));
    await runToEnd(session, board, input);
    const history = await board.serial('history').read();
    return { status: (await board.exitStatus()) ?? 1, history: history.length > 0 ? history : undefined };
  } catch (error) {
    if (error instanceof SessionError) throw new CommandFailure(error.message);
    throw error;
  } finally {
    input?.close();
    process.removeAllListeners('SIGINT');
    await pool.close();
  }
}

/** What Ctrl-C does: interrupts the guest; when that has not taken note of it, ends the process, as the reference does. */
function interrupter(board: BoardHandle, beforeEnd: () => void): () => void {
  let since: number | undefined;
  return () => {
    if (since !== undefined && performance.now() - since > PATIENCE) {
      beforeEnd();
      process.exit(1);
    }
    since ??= performance.now();
    const taken = () => {
      since = undefined;
    };
    board.serial().write('\x03').then(taken, taken);
  };
}

/** Standard input is left alone until the program wants it: it may be meant for the next one. */
async function runToEnd(session: Session, board: BoardHandle, input: StandardInput): Promise<void> {
  const pace = process.stdin.isTTY ? 'real' : 'fast';
  const until = (...activity: Extract<Condition, { kind: 'activity' }>['activity'][number][]) =>
    session.run({ pace, until: { kind: 'activity', activity } }).ended;
  for (;;) {
    await until('off', 'waiting-for-input');
    const { activity, reads } = await board.state();
    if (activity === 'off') return;
    await input.serve(reads ?? 'lines');
    if (process.stdin.isTTY) await until('off', 'computing', 'sleeping');
    else await until('off');
  }
}

class StandardInput {
  private started = false;
  private readonly terminal = process.stdin.isTTY === true;

  constructor(
    private readonly board: BoardHandle,
    /** The program itself came from there, and nothing is left. */
    private readonly used: boolean,
    private readonly interrupt: () => void,
  ) {}

  /** Lets the program read on. */
  async serve(reads: 'keys' | 'lines'): Promise<void> {
    this.setMode(reads === 'keys');
    if (this.started) return;
    this.started = true;
    if (this.used) {
      await this.board.serial().end?.();
      return;
    }
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, FIRST_INPUT);
      const arrived = () => {
        clearTimeout(timer);
        resolve();
      };
      const end = () => {
        void this.board
          .serial()
          .end?.()
          .catch(() => {});
        arrived();
      };
      process.stdin.on('data', (data: Buffer) => {
        this.send(data);
        arrived();
      });
      process.stdin.on('end', end);
      process.stdin.on('error', end);
    });
  }

  /** @param keys the program reads key by key, and echoes them itself */
  setMode(keys: boolean): void {
    if (this.terminal) process.stdin.setRawMode(keys);
  }

  private send(data: Buffer): void {
    if (this.terminal && data.length === 1 && data[0] === 3) this.interrupt();
    else
      void this.board
        .serial()
        .write(data)
        .catch(() => {});
  }

  /** Gives the terminal back as it was. */
  restore(): void {
    if (this.terminal) process.stdin.setRawMode(false);
  }

  close(): void {
    if (!this.started) return;
    this.restore();
    process.stdin.pause();
    // Not all listeners: Node's own one stops the reading, and lets the process end.
    for (const event of ['data', 'end', 'error']) process.stdin.removeAllListeners(event);
  }
}

/** Running code through the raw REPL, as a host tool does: interrupt, enter, send, collect, and leave it as it was found. */
import { SessionError } from './error.ts';
import type { BoardHandle, CallOptions, ExecuteResult, Nanoseconds, Session } from './handle.ts';

const ANSWER_LIMIT = 5e9;
const PROMPT = 'raw REPL; CTRL-B to exit\r\n>';
const RAW_PROMPT = PROMPT.replaceAll('\r', '\\r').replaceAll('\n', '\\n');

export async function executeRaw(
  session: Session,
  board: BoardHandle,
  code: string | Uint8Array,
  limit: Nanoseconds,
  options?: CallOptions,
): Promise<ExecuteResult> {
  const serial = board.serial();
  const wait = async (text: string, from: number, time: Nanoseconds) =>
    (await session.advanceUntil({ kind: 'serial', board: board.name, text, from }, time, options)).reason === 'met';

  let from = await serial.position();
  // Interrupt whatever runs, and leave a line that is being edited; then enter the raw REPL.
  await serial.write('\r\x03\x03\x01');
  if (!(await wait(PROMPT, from, ANSWER_LIMIT))) {
    throw new SessionError('no-repl', `${board.name} does not answer with a raw REPL prompt`, [], session.now);
  }
  from = await serial.position();
  const start = session.now;
  await serial.write(typeof code === 'string' ? code : code);
  await serial.write('\x04');
  let ended: ExecuteResult['ended'] = 'done';
  /** What it printed ends with one \x04, the traceback with another, before the prompt. */
  const finished = async (time: Nanoseconds): Promise<boolean> => {
    const deadline = session.now + time;
    if (!(await wait('\x04', from, time))) return false;
    const traceback = from + (await serial.peek(from)).indexOf(4) + 1;
    // After SystemExit the board makes a soft reset, and comes back with a new raw prompt.
    const pattern = `\\x04(>|MPY: [^]*${RAW_PROMPT}$)`;
    const condition = { kind: 'serial', board: board.name, pattern, from: traceback } as const;
    return (await session.advanceUntil(condition, Math.max(0, deadline - session.now), options)).reason === 'met';
  };
  if (!(await finished(limit))) {
    ended = 'limit';
    await serial.write('\x03');
    await finished(ANSWER_LIMIT);
  }
  const end = session.now;
  const output = await serial.peek(from);
  const first = output.indexOf(4);
  const second = output.indexOf(4, first + 1);
  if (first < 0) ended = 'reset';
  else if (second >= 0 && output[second + 1] !== 0x3e && ended === 'done') ended = 'exit';
  const stdout = first < 0 ? output.subarray(2) : output.subarray(2, first);
  const stderr = first < 0 || second < 0 ? new Uint8Array(0) : output.subarray(first + 1, second);
  from = await serial.position();
  await serial.write('\x02');
  await wait('>>> ', from, ANSWER_LIMIT);
  return { stdout: stdout.slice(), stderr: stderr.slice(), duration: end - start, ended };
}

/** os.dupterm (extmod/os_dupterm.c): streams that the REPL's output is copied to, and its input may come from. */

import { ERRNO } from '../objects/errno-names.ts';
import { printException } from '../objects/exception.ts';
import { funVar } from '../objects/function.ts';
import { closeStream, ioctl, StreamOp, StreamRequest, streamOf, streamOfChecked, writeStream } from '../objects/stream.ts';
import { toInt } from '../vm/operators.ts';
import { stdout } from '../vm/printing.ts';
import { Raise, raiseOSError, raiseValueError } from '../vm/raise.ts';
import type { Value } from '../vm/value.ts';
import { vm } from '../vm/vm.ts';

/** How many streams there can be (MICROPY_PY_OS_DUPTERM). */
const SLOTS: Readonly<Record<string, number>> = { pyboard: 3 };
const DEFAULT_SLOTS = 1;

const KEY = Symbol('dupterm');
function slots(): (Value | undefined)[] {
  return vm.volatileStateOf(KEY, () => {
    const streams = new Array<Value | undefined>(SLOTS[vm.profile.platform] ?? DEFAULT_SLOTS).fill(undefined);
    vm.roots.add(() => streams);
    return streams;
  });
}

/** Forgets a stream that failed or ended, and says so on what is left. */
function deactivate(index: number, message: string, exception?: Value): void {
  const stream = slots()[index];
  slots()[index] = undefined;
  stdout.write(message);
  if (exception !== undefined) printException(stdout, exception);
  if (stream === undefined) return;
  try {
    closeStream(stream);
  } catch (error) {
    if (!(error instanceof Raise)) throw error;
  }
}

/** Is some stream there? */
export const hasDupterm = (): boolean => slots().some(stream => stream !== undefined);

/** Copies output to the streams. */
export function duptermWrite(data: Uint8Array): void {
  slots().forEach((stream, index) => {
    if (stream === undefined) return;
    try {
      writeStream(stream, data);
    } catch (error) {
      if (!(error instanceof Raise)) throw error;
      deactivate(index, 'dupterm: Exception in write() method, deactivating: ', error.exception);
    }
  });
}

/** A byte of input from the streams; -1 when none has any. */
export function duptermRead(): number {
  const byte = new Uint8Array(1);
  for (let index = 0; index < slots().length; index++) {
    const stream = slots()[index];
    if (stream === undefined) continue;
    try {
      const n = streamOf(stream).read!(stream, byte);
      if (n > 0) return byte[0];
      if (n === 0) deactivate(index, 'dupterm: EOF received, deactivating\n');
      else if (-n !== ERRNO.EAGAIN) raiseOSError(-n);
    } catch (error) {
      if (!(error instanceof Raise)) throw error;
      deactivate(index, 'dupterm: Exception in read() method, deactivating: ', error.exception);
    }
  }
  return -1;
}

/** Which of the poll flags some stream is ready for. */
export function duptermPoll(flags: number): number {
  let ready = 0;
  for (const stream of slots()) {
    if (stream === undefined || ready === flags) continue;
    try {
      ready |= Math.max(0, ioctl(stream, StreamRequest.Poll, flags));
    } catch (error) {
      if (!(error instanceof Raise)) throw error;
    }
  }
  return ready;
}

/** Puts a stream in its place without telling anybody: the one that the board starts with. */
export function setDupterm(index: number, stream: Value): void {
  slots()[index] = stream;
}

/** Whether `stream` is there, and no other. */
export function isOnlyDupterm(stream: Value): boolean {
  let found = false;
  for (const each of slots()) {
    if (each === stream) found = true;
    else if (each !== undefined) return false;
  }
  return found;
}

export const duptermFunction = () =>
  funVar(1, 2, args => {
    const index = args.length === 2 ? toInt(args[1]) : 0;
    const streams = slots();
    if (index < 0 || index >= streams.length) raiseValueError('invalid dupterm index');
    const previous = streams[index];
    if (args[0] === null) streams[index] = undefined;
    else {
      streamOfChecked(args[0], StreamOp.Read | StreamOp.Write | StreamOp.Ioctl);
      streams[index] = args[0];
    }
    vm.port.duptermChanged?.(previous ?? null, args[0]);
    return previous ?? null;
  });

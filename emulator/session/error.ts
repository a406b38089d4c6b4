/** What every call of a session throws. */
import type { Nanoseconds, SessionErrorCode, SessionErrorShape } from './handle.ts';

export class SessionError extends Error implements SessionErrorShape {
  override readonly name = 'SessionError';
  constructor(
    readonly code: SessionErrorCode,
    message: string,
    readonly known: readonly string[] = [],
    readonly now: Nanoseconds = 0,
  ) {
    super(message);
  }
}

/** What a HAL function answers, and the OSError that the port makes of it (mphalport.c, mp_hal_raise). */
import { ERRNO } from '../../objects/errno-names.ts';
import { raiseOSError } from '../../vm/raise.ts';

export type HalStatus = 'ok' | 'error' | 'busy' | 'timeout';

/** Not one of the names that MicroPython's errno has. */
const EBUSY = 16;

const ERRORS = { error: ERRNO.EIO, busy: EBUSY, timeout: ERRNO.ETIMEDOUT } as const;

export function raiseUnlessOk(status: HalStatus): void {
  if (status !== 'ok') raiseOSError(ERRORS[status]);
}

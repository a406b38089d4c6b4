/** Failures of the storage layer as the guest sees them. */
import { StorageError, StorageValueError } from '../../storage/storage-error.ts';
import { raiseOSError, raiseValueError } from '../../vm/raise.ts';

/** Runs an operation on a filesystem. Raises the guest's OSError or ValueError when it fails. */
export function storageRaises<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    if (error instanceof StorageError) raiseOSError(error.errno);
    if (error instanceof StorageValueError) raiseValueError(error.message === '' ? undefined : error.message);
    throw error;
  }
}

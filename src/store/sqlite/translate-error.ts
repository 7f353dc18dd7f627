import { RetryableStoreError } from '../retryable-store-error.ts';

/** Does the work; what SQLite cannot do just now becomes a RetryableStoreError, all else is thrown as it is. */
export function translatingErrors<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!isPassing(error)) throw error;
    throw new RetryableStoreError(`The database cannot be used just now: ${error.message}`, { cause: error });
  }
}

/** The database is held by another program, or its disk is full or read-only: the same may succeed later. */
export function isPassing(error: unknown): error is SqliteError {
  return hasCode(error, passing);
}

/** The database itself is damaged, or no database at all: neither waiting nor starting again helps. */
export function isCorruption(error: unknown): error is SqliteError {
  return hasCode(error, corruption);
}

export function isBusy(error: unknown): error is SqliteError {
  return hasCode(error, busy);
}

/** What `node:sqlite` throws: `errcode` is SQLite's extended result code. */
type SqliteError = Error & { readonly errcode: number };

// https://www.sqlite.org/rescode.html
const busy: ReadonlySet<number> = new Set([5 /* BUSY */]);
const corruption: ReadonlySet<number> = new Set([11 /* CORRUPT */, 26 /* NOTADB */]);
const passing: ReadonlySet<number> = new Set([
  5 /* BUSY */, 6 /* LOCKED */, 8 /* READONLY */, 10 /* IOERR */, 13 /* FULL */, 14 /* CANTOPEN */, 15 /* PROTOCOL */,
]);

/** Compares the primary result code: the low byte of the extended one. */
function hasCode(error: unknown, codes: ReadonlySet<number>): error is SqliteError {
  return (
    error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && codes.has(error.errcode & 0xff)
  );
}

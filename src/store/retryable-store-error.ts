/**
 * The store cannot answer just now: it is locked by another program, its disk is full, it was mounted read-only. Nothing has been
 * written; the same call may succeed later.
 */
export class RetryableStoreError extends Error {
  override readonly name = 'RetryableStoreError';
}

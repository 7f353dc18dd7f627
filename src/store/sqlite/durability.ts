import type { Logger } from '../../kernel/logger.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { LogFlush } from './log-flush.ts';

export interface DurabilityOptions {
  readonly logFlush: Pick<LogFlush, 'flush'>;
  readonly checkpointer: Pick<Checkpointer, 'copyAll'>;
  readonly logger: Pick<Logger, 'error'>;
}

/**
 * Returns what puts all that is committed on disk. Once the disk has refused a part of the write-ahead log, asking it again says
 * nothing: the kernel takes those pages for written, and what lies behind a gap in the log is lost with it (the "fsyncgate" of 2018,
 * https://lwn.net/Articles/752063/). What is committed then goes into the database instead, so that the log begins anew.
 */
export function createFlush({ logFlush, checkpointer, logger }: DurabilityOptions): () => Promise<void> {
  let isTorn = false;
  return async () => {
    if (!isTorn) {
      try {
        await logFlush.flush();
        return;
      } catch (error) {
        isTorn = true;
        logger.error({ err: error }, 'The write-ahead log could not be put on disk; copying it into the database');
      }
    }
    if (!(await checkpointer.copyAll())) throw new Error('What was committed could not be put on disk');
    isTorn = false;
  };
}

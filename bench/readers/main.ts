import type { ReaderReport, ReadingOrder } from './protocol.ts';
import { Reading } from './reading.ts';

/** A process of readers: takes orders over IPC, one at a time, and says what came. */
process.on('message', (order: ReadingOrder) => {
  read(order).catch((error: unknown) => tell({ type: 'failed', problem: String(error) }));
});
process.on('disconnect', () => process.exit());

async function read(order: ReadingOrder): Promise<void> {
  const reading = new Reading(order);
  try {
    await reading.open();
    tell({ type: 'open' });
    await reading.counted();
    tell({ type: 'counted', delivered: reading.delivered });
    await reading.ended();
    tell({ type: 'ended', delivered: reading.delivered });
  } finally {
    reading.close();
  }
}

function tell(report: ReaderReport): void {
  process.send?.(report);
}

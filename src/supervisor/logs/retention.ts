import type { Timer } from '../../kernel/clock.ts';
import { onceOnly } from '../../kernel/lifecycle.ts';
import type { Lifecycle } from '../../kernel/lifecycle.ts';
import type { Parts } from '../parts.ts';
import { pruneOldEvents } from './retention-events.ts';
import { removeOldLogs } from './retention-logs.ts';

export type RetentionParts = Pick<Parts, 'config' | 'store' | 'clock' | 'logger' | 'holderBinary'>;

const everyMs = 60 * 60_000;
const dayMs = 24 * 60 * 60_000;

/** Removes what the configuration no longer keeps: when it is started, and every hour. Starting it does not wait for that. */
export function createRetention(parts: RetentionParts): Lifecycle {
  const { config, clock, logger } = parts;
  const { rawLogDays, eventDays } = config.retention;
  const leaving = new AbortController();
  let timer: Timer | undefined;
  let passing = Promise.resolve();

  const before = (days: number) => new Date(clock.now() - days * dayMs).toISOString();

  const pass = async () => {
    try {
      const logs = rawLogDays === null ? 0 : await removeOldLogs(parts, before(rawLogDays), leaving.signal);
      const events = eventDays === null ? 0 : await pruneOldEvents(parts, before(eventDays), leaving.signal);
      logger[logs + events > 0 ? 'info' : 'debug']({ logs, events }, 'Removed what retention no longer keeps');
    } catch (error) {
      logger.error({ err: error }, 'Could not remove all that retention no longer keeps; trying again in an hour');
    }
    if (!leaving.signal.aborted) timer = clock.setTimer(everyMs, begin);
  };
  const begin = () => {
    passing = pass();
  };

  return onceOnly({
    start: begin,
    async stop() {
      leaving.abort();
      timer?.cancel();
      await passing;
    },
  });
}

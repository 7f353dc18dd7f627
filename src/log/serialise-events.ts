import type { StoredEvent } from '../store/store.ts';
import type { Entry, LoggedEvent } from './event-log.ts';

/**
 * The events of an entry as JSON texts without their places, in the order of the envelope: `at`, `sessionId`, `runId`, `attemptId`,
 * `type`, `data`, `raw`. This is the only time that an event is serialised. Timestamps, ids and types need no escaping.
 */
export function serialiseEvents({ sessionId, events }: Pick<Entry, 'sessionId' | 'events'>, at: string): string[] {
  const start = `{"at":"${at}","sessionId":"${sessionId}"`;
  return events.map(({ runId, attemptId, type, data, raw }) => {
    const run = runId === undefined ? '' : `,"runId":"${runId}"`;
    const attempt = attemptId === undefined ? '' : `,"attemptId":"${attemptId}"`;
    const pointer = raw === undefined ? '' : `,"raw":${JSON.stringify(raw)}`;
    return `${start}${run}${attempt},"type":"${type}","data":${JSON.stringify(data)}${pointer}}`;
  });
}

/** Puts an event's place in front of the rest of it. */
export function toLoggedEvent({ seq, prev, json }: StoredEvent): LoggedEvent {
  return { seq, prev, json: `{"seq":${seq},"prev":${prev},${json.slice(1)}` };
}

import type { EventType } from '../contracts/events.ts';
import type { StoredEvent } from '../store/store.ts';
import type { AppendedEvent, Entry, LoggedEvent } from './event-log.ts';

/**
 * The events of an entry as JSON texts without their places, in the order of the envelope: `at`, `sessionId`, `runId`, `attemptId`,
 * `type`, `data`, `raw`. This is the only time that an event is serialised. Timestamps, ids and types need no escaping.
 */
export function serialiseEvents({ sessionId, events }: Pick<Entry, 'sessionId' | 'events'>, at: string): string[] {
  const start = `{"at":"${at}","sessionId":"${sessionId}"`;
  return events.map((event) => {
    const { runId, attemptId, raw } = event;
    const { type, json } = serialiseData(event);
    const run = runId === undefined ? '' : `,"runId":"${runId}"`;
    const attempt = attemptId === undefined ? '' : `,"attemptId":"${attemptId}"`;
    const pointer = raw === undefined ? '' : `,"raw":${JSON.stringify(raw)}`;
    return `${start}${run}${attempt},"type":"${type}","data":${json}${pointer}}`;
  });
}

/** What is nested so deeply that it cannot be written is not understood: its place in the agent's log tells what it was. */
function serialiseData({ type, data, raw }: AppendedEvent): { readonly type: EventType; readonly json: string } {
  try {
    return { type, json: JSON.stringify(data) };
  } catch (error) {
    if (!(error instanceof RangeError) || raw === undefined) throw error;
    return { type: 'agent.output', json: JSON.stringify({ stream: raw.stream, text: null }) };
  }
}

/** Puts an event's place in front of the rest of it. */
export function toLoggedEvent({ seq, prev, json }: StoredEvent): LoggedEvent {
  return { seq, prev, json: `{"seq":${seq},"prev":${prev},${json.slice(1)}` };
}

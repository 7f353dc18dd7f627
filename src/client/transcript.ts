import type { Event } from '../contracts/events.ts';
import { applyToItems } from './transcript-items.ts';
import { applyToPermissions } from './transcript-permissions.ts';
import { applyToRuns } from './transcript-runs.ts';
import type { Transcript } from './transcript-shape.ts';

export type * from './transcript-shape.ts';

export const emptyTranscript: Transcript = {
  seq: 0,
  items: [],
  plan: [],
  usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 },
  runs: [],
  isPaused: false,
  permissions: [],
};

/** The transcript of these events, which come in the order of their `seq`. */
export function foldTranscript(events: Iterable<Event>): Transcript {
  let transcript = emptyTranscript;
  for (const event of events) transcript = applyEvent(transcript, event);
  return transcript;
}

/** The transcript with one more event; the same where the event is in it already, as after a reconnect. */
export function applyEvent(transcript: Transcript, event: Event): Transcript {
  if (event.seq <= transcript.seq) return transcript;
  const permissions = applyToPermissions(transcript.permissions, event);
  return {
    ...transcript,
    ...applyToRuns({ ...transcript, permissions }, event),
    permissions,
    isPaused: applyToPause(transcript.isPaused, event),
    items: applyToItems(transcript.items, event),
    plan: event.type === 'plan' ? event.data.entries : transcript.plan,
    seq: event.seq,
  };
}

function applyToPause(isPaused: boolean, { type }: Event): boolean {
  if (type === 'session.paused') return true;
  return type === 'session.resumed' ? false : isPaused;
}

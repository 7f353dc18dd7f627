import type { AppendedEvent } from '../../log/event-log.ts';

type OutputEvent = Extract<AppendedEvent, { type: 'agent.output' }>;

/** Characters of one event; a longer run of lines goes on in the next. */
const maxJoined = 64 * 1024;

/**
 * Joins lines that no driver understands to those right before them, so that an agent that prints a million of them does not make a
 * million events. True where it was joined to the last event; its `raw` then spans both.
 */
export function joinOutput(events: AppendedEvent[], { data, raw }: OutputEvent): boolean {
  const last = events.at(-1);
  if (last?.type !== 'agent.output' || last.data.stream !== data.stream) return false;
  if (last.data.text === null || data.text === null || last.data.isPartial === true || data.isPartial === true)
    return false;
  if (last.raw === undefined || raw === undefined || last.raw.offset + last.raw.length !== raw.offset) return false;
  if (last.data.text.length + data.text.length > maxJoined) return false;
  events[events.length - 1] = {
    ...last,
    data: { ...last.data, text: `${last.data.text}\n${data.text}` },
    raw: { ...last.raw, length: last.raw.length + raw.length },
  };
  return true;
}

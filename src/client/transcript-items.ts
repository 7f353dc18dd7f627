import type { ContentBlock } from '../contracts/agent-events.ts';
import type { Event, EventData } from '../contracts/events.ts';
import type { TranscriptItem, TranscriptMessage, TranscriptToolCall } from './transcript-shape.ts';

type Items = readonly TranscriptItem[];

/** Messages and tool calls after one more event; the same array where it concerns none. */
export function applyToItems(items: Items, event: Event): Items {
  switch (event.type) {
    case 'user_message_chunk':
      return withChunk(items, event, event.data, 'user');
    case 'agent_message_chunk':
      return withChunk(items, event, event.data, 'agent');
    case 'agent_thought_chunk':
      return withChunk(items, event, event.data, 'thought');
    case 'message.completed':
      return withWhole(items, event, event.data);
    case 'tool_call':
    case 'tool_call_update':
      return withToolCall(items, event, event.data);
    case 'run.steered':
      return [...items, steered(event, event.data.prompt)];
    default:
      return items;
  }
}

type Place = Pick<Event, 'seq' | 'runId'>;

/** A chunk of a message that is whole already says nothing new. */
function withChunk(
  items: Items,
  place: Place,
  { messageId, content, parentToolCallId }: EventData<'agent_message_chunk'>,
  role: TranscriptMessage['role'],
): Items {
  const at = items.findLastIndex((item) => item.type === 'message' && item.messageId === messageId);
  const begun = items[at] as TranscriptMessage | undefined;
  if (begun?.isComplete === true) return items;
  if (begun !== undefined) return items.with(at, { ...begun, ...joined(begun, [content]) });
  const nothing = { text: '', attachments: [] };
  const message: TranscriptMessage = {
    type: 'message',
    seq: place.seq,
    runId: place.runId ?? null,
    messageId,
    role,
    ...joined(nothing, [content]),
    isComplete: false,
    isDiscarded: false,
    parentToolCallId: parentToolCallId ?? null,
  };
  return [...items, message];
}

/** The whole replaces the pieces, and stands where it came: later readers find no more than it. */
function withWhole(items: Items, place: Place, whole: EventData<'message.completed'>): Items {
  const { messageId, role, content, isDiscarded = false, parentToolCallId = null } = whole;
  const message: TranscriptMessage = {
    type: 'message',
    seq: place.seq,
    runId: place.runId ?? null,
    messageId,
    role,
    ...joined({ text: '', attachments: [] }, content),
    isComplete: true,
    isDiscarded,
    parentToolCallId,
  };
  const at = items.findLastIndex((item) => item.type === 'message' && item.messageId === messageId);
  return at === -1 ? [...items, message] : [...items.slice(0, at), ...items.slice(at + 1), message];
}

/** What a user says into a running turn; it has no id of its own. */
function steered(place: Place, prompt: string): TranscriptMessage {
  return {
    type: 'message',
    seq: place.seq,
    runId: place.runId ?? null,
    messageId: `steered:${place.seq}`,
    role: 'user',
    text: prompt,
    attachments: [],
    isComplete: true,
    isDiscarded: false,
    parentToolCallId: null,
  };
}

function withToolCall(items: Items, place: Place, data: EventData<'tool_call' | 'tool_call_update'>): Items {
  const at = items.findLastIndex((item) => item.type === 'tool_call' && item.toolCallId === data.toolCallId);
  const known = items[at] as TranscriptToolCall | undefined;
  if (known !== undefined) return items.with(at, merged(known, data));
  const { toolCallId } = data;
  const begun = {
    type: 'tool_call',
    seq: place.seq,
    runId: place.runId ?? null,
    toolCallId,
    title: toolCallId,
  } as const;
  return [...items, merged(begun, data)];
}

/** A field that is absent, or present without a value, stays as it was. */
function merged(known: TranscriptToolCall, data: EventData<'tool_call' | 'tool_call_update'>): TranscriptToolCall {
  const said = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
  return { ...known, ...said };
}

function joined(
  before: Pick<TranscriptMessage, 'text' | 'attachments'>,
  content: readonly ContentBlock[],
): Pick<TranscriptMessage, 'text' | 'attachments'> {
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const others = content.filter((block) => block.type !== 'text');
  return {
    text: before.text + text,
    attachments: others.length === 0 ? before.attachments : [...before.attachments, ...others],
  };
}

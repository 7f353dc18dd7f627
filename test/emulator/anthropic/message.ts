import type { Ids } from '../model-api.ts';
import type { RecordedRequest } from '../recorded-request.ts';
import type { Content, MessageReply, Usage } from '../reply.ts';

/** A `content` block as the API shapes it. */
export type Block =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: object };

/** The answer to a request that does not stream; a stream tells the same message in parts. */
export interface Message {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'assistant';
  readonly model: string;
  readonly content: readonly Block[];
  readonly stop_reason: string;
  readonly stop_sequence: null;
  readonly usage: WireUsage;
}

interface WireUsage {
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly output_tokens: number;
}

/** The whole message a reply stands for. */
export function message(reply: MessageReply, request: RecordedRequest, ids: Ids): Message {
  return {
    id: ids('msg'),
    type: 'message',
    role: 'assistant',
    model: modelOf(request.body),
    content: reply.content.map((content) => block(content, ids)),
    stop_reason: reply.stopReason ?? stopReason(reply.content),
    stop_sequence: null,
    usage: usage(reply.usage),
  };
}

function block(content: Content, ids: Ids): Block {
  switch (content.type) {
    case 'thinking':
      return { type: 'thinking', thinking: content.thinking, signature: content.signature ?? 'emulated-signature' };
    case 'text':
      return { type: 'text', text: content.text };
    case 'tool_use':
      return { type: 'tool_use', id: content.id ?? ids('toolu'), name: content.name, input: content.input };
  }
}

function stopReason(content: readonly Content[]): string {
  return content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn';
}

function usage(given: Partial<Usage> = {}): WireUsage {
  return {
    input_tokens: given.inputTokens ?? 100,
    cache_creation_input_tokens: given.cacheCreationInputTokens ?? 0,
    cache_read_input_tokens: given.cacheReadInputTokens ?? 0,
    output_tokens: given.outputTokens ?? 20,
  };
}

function modelOf(body: unknown): string {
  const model = typeof body === 'object' && body !== null && 'model' in body ? body.model : undefined;
  return typeof model === 'string' ? model : 'emulated';
}

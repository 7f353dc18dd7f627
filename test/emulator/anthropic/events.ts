import { chunked } from '../chunked.ts';
import type { Ids } from '../model-api.ts';
import type { RecordedRequest } from '../recorded-request.ts';
import type { Chunks, MessageReply } from '../reply.ts';
import { type Block, message } from './message.ts';
import { serverSentEvent } from './server-sent-event.ts';

/**
 * The message as the API streams it: `message_start`, for each block `content_block_start`, its deltas,
 * `content_block_stop`, then `message_delta` and `message_stop`. No pings, so that events can be counted.
 */
export function events(reply: MessageReply, request: RecordedRequest, ids: Ids): readonly string[] {
  const whole = message(reply, request, ids);
  const start = { ...whole, content: [], stop_reason: null, usage: { ...whole.usage, output_tokens: 1 } };
  return [
    { type: 'message_start', message: start },
    ...whole.content.flatMap((block, index) => [
      { type: 'content_block_start', index, content_block: emptied(block) },
      ...deltas(block, reply.content[index]?.chunks).map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: whole.stop_reason, stop_sequence: null },
      usage: whole.usage,
    },
    { type: 'message_stop' },
  ].map(serverSentEvent);
}

function emptied(block: Block): Block {
  switch (block.type) {
    case 'thinking':
      return { ...block, thinking: '', signature: '' };
    case 'text':
      return { ...block, text: '' };
    case 'tool_use':
      return { ...block, input: {} };
  }
}

function deltas(block: Block, chunks: Chunks | undefined): readonly object[] {
  switch (block.type) {
    case 'thinking':
      return [
        ...chunked(block.thinking, chunks).map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature: block.signature },
      ];
    case 'text':
      return chunked(block.text, chunks).map((text) => ({ type: 'text_delta', text }));
    case 'tool_use':
      return chunked(JSON.stringify(block.input), chunks).map((json) => ({
        type: 'input_json_delta',
        partial_json: json,
      }));
  }
}

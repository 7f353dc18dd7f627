import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../emulator.ts';
import { postMessages } from './post-messages.ts';

let emulator: Emulator;
beforeAll(async () => void (emulator = await startEmulator()));
afterAll(() => emulator.stop());

/** The stream's payloads; each must be named by an `event:` line of its own type. */
async function payloads(response: Response): Promise<Record<string, unknown>[]> {
  const blocks = (await response.text()).split('\n\n').filter((block) => block !== '');
  return blocks.map((block) => {
    const [, name, data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
    const payload = JSON.parse(data) as Record<string, unknown>;
    expect(payload['type']).toBe(name);
    return payload;
  });
}

describe('the Messages API', () => {
  it('streams a text in the order the API documents', async () => {
    emulator.script('text', [{ content: [{ type: 'text', text: 'one two', chunks: ['one ', 'two'] }] }]);
    const response = await postMessages(emulator, 'text');
    expect(response.headers.get('content-type')).toMatch('text/event-stream');
    expect(await payloads(response)).toEqual([
      {
        type: 'message_start',
        message: {
          id: expect.stringMatching(/^msg_/) as string,
          type: 'message',
          role: 'assistant',
          model: 'claude-test',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 100, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'one ' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'two' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { input_tokens: 100, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 20 },
      },
      { type: 'message_stop' },
    ]);
  });

  it('streams thinking with its signature, and a tool use as pieces of JSON', async () => {
    emulator.script('blocks', [
      {
        content: [
          { type: 'thinking', thinking: 'hmm', signature: 'signed', chunks: 1 },
          { type: 'tool_use', name: 'Bash', input: { command: 'date' }, chunks: 3 },
        ],
      },
    ]);
    const events = await payloads(await postMessages(emulator, 'blocks'));
    expect(events.slice(1, 5)).toEqual([
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hmm' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'signed' } },
      { type: 'content_block_stop', index: 0 },
    ]);
    expect(events[5]).toMatchObject({
      content_block: { type: 'tool_use', id: expect.stringMatching(/^toolu_/) as string, name: 'Bash', input: {} },
    });
    const pieces = events.slice(6, 9).map((event) => (event['delta'] as { partial_json: string }).partial_json);
    expect(JSON.parse(pieces.join(''))).toEqual({ command: 'date' });
    expect(events.at(-2)).toMatchObject({ type: 'message_delta', delta: { stop_reason: 'tool_use' } });
  });

  it('answers a request that does not stream with one JSON message', async () => {
    emulator.script('json', [
      {
        content: [{ type: 'text', text: 'whole' }],
        usage: { inputTokens: 7 },
        stopReason: 'max_tokens',
        cutAfterEvents: 1,
      },
    ]);
    const response = await postMessages(emulator, 'json', { stream: false });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({
      content: [{ type: 'text', text: 'whole' }],
      stop_reason: 'max_tokens',
      usage: { input_tokens: 7, output_tokens: 20 },
    });
  });

  it('never gives an id twice', async () => {
    emulator.script('ids', [{ content: [{ type: 'tool_use', name: 'Read', input: {} }] }]);
    const seen = new Set<string>();
    for (let time = 0; time < 3; time += 1) {
      const body = (await (await postMessages(emulator, 'ids', { stream: false })).json()) as {
        id: string;
        content: { id: string }[];
      };
      seen.add(body.id).add(body.content[0]?.id ?? '');
    }
    expect(seen.size).toBe(6);
  });

  it('counts tokens without taking a reply', async () => {
    emulator.script('count', [{ content: [] }]);
    const url = `${emulator.baseUrl('count')}/v1/messages/count_tokens`;
    const response = await fetch(url, { method: 'POST', body: JSON.stringify({ messages: [] }) });
    expect(await response.json()).toEqual({ input_tokens: expect.any(Number) as number });
    expect(emulator.requests('count').map(({ index }) => index)).toEqual([undefined]);
  });

  it.each([
    [401, 'authentication_error'],
    [403, 'permission_error'],
    [404, 'not_found_error'],
    [429, 'rate_limit_error'],
    [529, 'overloaded_error'],
    [599, 'api_error'],
  ])('answers status %d with the error type %s', async (status, type) => {
    emulator.script(`e${status}`, [{ error: { status } }]);
    const response = await postMessages(emulator, `e${status}`);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ type: 'error', error: { type } });
  });

  it('passes the headers of an error through', async () => {
    emulator.script('quota', [{ error: { status: 429, message: 'Slow down', headers: { 'retry-after': '2' } } }]);
    const response = await postMessages(emulator, 'quota');
    expect(response.headers.get('retry-after')).toBe('2');
    expect(await response.json()).toMatchObject({ error: { message: 'Slow down' } });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postMessages } from './anthropic/post-messages.ts';
import { type Emulator, startEmulator } from './emulator.ts';
import { createGate } from './gate.ts';
import type { MessageReply } from './reply.ts';

let emulator: Emulator;
beforeAll(async () => void (emulator = await startEmulator()));
afterAll(() => emulator.stop());

/** message_start, content_block_start, three deltas, content_block_stop, message_delta, message_stop. */
const eightEvents: MessageReply = { content: [{ type: 'text', text: 'abc', chunks: 3 }] };

/** A stream's text as far as it came, and whether it ended as HTTP says. */
async function readAll(response: Response): Promise<{ text: string; events: number; whole: boolean }> {
  let text = '';
  let whole = true;
  try {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
  } catch {
    whole = false;
  }
  return { text, events: text.match(/^event: /gm)?.length ?? 0, whole };
}

describe('a stream', () => {
  it('comes whole when nothing is wrong', async () => {
    emulator.script('whole', [eightEvents]);
    expect(await readAll(await postMessages(emulator, 'whole'))).toMatchObject({ events: 8, whole: true });
  });

  it('waits at a gate, with everything before the gate sent, until the gate opens', async () => {
    const gate = createGate();
    emulator.script('gate', [{ ...eightEvents, gate: { afterEvents: 4, until: gate } }]);
    const response = await postMessages(emulator, 'gate');
    await gate.reached;
    const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
    let text = '';
    while ((text.match(/^event: /gm)?.length ?? 0) < 4)
      text += Buffer.from((await reader.read()).value ?? []).toString();
    expect(text).toMatch(/"text":"b"\}\}\n\n$/);
    gate.open();
    for (let next = await reader.read(); !next.done; next = await reader.read())
      text += Buffer.from(next.value).toString();
    expect(text).toMatch('message_stop');
  });

  it('passes several gates, and one at its very end', async () => {
    const [first, last] = [createGate(), createGate()];
    const gate = [
      { afterEvents: 0, until: first },
      { afterEvents: 8, until: last },
    ];
    emulator.script('gates', [{ ...eightEvents, gate }]);
    const response = await postMessages(emulator, 'gates');
    await first.reached;
    first.open();
    await last.reached;
    last.open();
    expect(await readAll(response)).toMatchObject({ events: 8, whole: true });
  });

  it('is cut off after so many events', async () => {
    emulator.script('cut', [{ ...eightEvents, cutAfterEvents: 3 }]);
    expect(await readAll(await postMessages(emulator, 'cut'))).toMatchObject({ events: 3, whole: false });
  });

  it('goes on after a stall when the scenario is released', async () => {
    const before = createGate();
    emulator.script('stall', [{ ...eightEvents, gate: { afterEvents: 3, until: before }, stallAfterEvents: 3 }]);
    const response = await postMessages(emulator, 'stall');
    before.open();
    await before.reached;
    emulator.release('stall');
    expect(await readAll(response)).toMatchObject({ events: 8, whole: true });
  });

  it('ends with an error event', async () => {
    const streamError = { status: 500, message: 'It broke' };
    emulator.script('error', [{ ...eightEvents, errorAfterEvents: 2, streamError }]);
    const { text, events, whole } = await readAll(await postMessages(emulator, 'error'));
    expect({ events, whole }).toEqual({ events: 3, whole: true });
    expect(text.endsWith('data: {"type":"error","error":{"type":"api_error","message":"It broke"}}\n\n')).toBe(true);
  });

  it('says overloaded when the error event is not described', async () => {
    emulator.script('overloaded', [{ ...eightEvents, errorAfterEvents: 0 }]);
    expect((await readAll(await postMessages(emulator, 'overloaded'))).text).toMatch('"overloaded_error"');
  });

  it('breaks its JSON off and ends properly when it is malformed', async () => {
    emulator.script('malformed', [{ ...eightEvents, malformed: true }]);
    const { text, whole } = await readAll(await postMessages(emulator, 'malformed'));
    expect(whole).toBe(true);
    expect(text).toMatch(/^event: message_start\ndata: \{.*\n\n$/);
    expect(() => void JSON.parse(text.split('data: ')[1] ?? '')).toThrow(SyntaxError);
  });

  it('can be delayed and paced', async () => {
    emulator.script('slow', [{ ...eightEvents, delayMs: 1, paceMs: 1 }]);
    expect(await readAll(await postMessages(emulator, 'slow'))).toMatchObject({ events: 8 });
  });

  it('is given up when the client goes', async () => {
    const gate = createGate();
    const client = new AbortController();
    emulator.script('gone', [{ ...eightEvents, gate: { afterEvents: 1, until: gate } }, eightEvents]);
    const response = await postMessages(emulator, 'gone', { signal: client.signal });
    await gate.reached;
    client.abort();
    expect(await readAll(response)).toMatchObject({ whole: false });
    expect(await readAll(await postMessages(emulator, 'gone'))).toMatchObject({ events: 8 });
  });
});

describe('a JSON answer', () => {
  it('waits at its gates before the first byte', async () => {
    const gate = createGate();
    emulator.script('json-gate', [{ ...eightEvents, gate: { afterEvents: 4, until: gate } }]);
    const answered = postMessages(emulator, 'json-gate', { stream: false });
    await gate.reached;
    gate.open();
    expect((await answered).status).toBe(200);
  });

  it('is broken off when it is malformed', async () => {
    emulator.script('json-malformed', [{ ...eightEvents, malformed: true }]);
    await expect((await postMessages(emulator, 'json-malformed', { stream: false })).json()).rejects.toThrow(
      SyntaxError,
    );
  });
});

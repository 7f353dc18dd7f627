import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postMessages } from './anthropic/post-messages.ts';
import { type Emulator, startEmulator } from './emulator.ts';
import { createGate } from './gate.ts';
import type { Reply } from './reply.ts';

let emulator: Emulator;
beforeEach(async () => void (emulator = await startEmulator()));
afterEach(() => emulator.stop());

function says(text: string): Reply {
  return { content: [{ type: 'text', text }] };
}

async function answer(scenario: string): Promise<string | undefined> {
  const body = (await (await postMessages(emulator, scenario, { stream: false })).json()) as {
    content: { text: string }[];
  };
  return body.content[0]?.text;
}

describe('a scenario', () => {
  it('uses its replies in order and repeats the last', async () => {
    emulator.script('order', [says('first'), says('second')]);
    expect([await answer('order'), await answer('order'), await answer('order')]).toEqual([
      'first',
      'second',
      'second',
    ]);
  });

  it('computes replies from the request and its number', async () => {
    emulator.script('computed', ({ method }, index) => says(`${method} ${index}`));
    expect([await answer('computed'), await answer('computed')]).toEqual(['POST 0', 'POST 1']);
  });

  it('starts over with a new script', async () => {
    emulator.script('again', [says('old'), says('older')]);
    await answer('again');
    emulator.script('again', [says('new'), says('newer')]);
    expect(await answer('again')).toBe('new');
  });

  it('keeps apart from other scenarios, whatever their names', async () => {
    emulator.script('a/b c', [says('this')]);
    emulator.script('a', [says('that')]);
    expect([await answer('a/b c'), await answer('a')]).toEqual(['this', 'that']);
  });

  it('says so when it has no script', async () => {
    const response = await postMessages(emulator, 'nothing');
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch('has no script');
  });

  it('shows what its script threw', async () => {
    emulator.script('throws', () => {
      throw new Error('not this request');
    });
    const response = await postMessages(emulator, 'throws');
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch('not this request');
  });
});

describe('the recorded requests', () => {
  it('hold method, path, headers, parsed body, time and number', async () => {
    emulator.script('record', [says('ok')]);
    await fetch(emulator.baseUrl('record'), { method: 'HEAD' });
    await answer('record');
    expect(emulator.requests('record')).toMatchObject([
      { method: 'HEAD', path: '/', body: undefined },
      {
        method: 'POST',
        path: '/v1/messages?beta=true',
        headers: { 'x-api-key': 'sk-ant-dummy' },
        body: { model: 'claude-test', stream: false },
        at: expect.any(Number) as number,
        index: 0,
      },
    ]);
  });

  it('can be waited for, before and after they arrive', async () => {
    emulator.script('wait', [says('ok')]);
    const second = emulator.request('wait', 1);
    await answer('wait');
    await answer('wait');
    expect((await second).index).toBe(1);
    expect((await emulator.request('wait', 0)).index).toBe(0);
  });

  it('are kept for requests no API answers, too', async () => {
    const response = await fetch(`${emulator.baseUrl('other')}/v2/dreams`, { method: 'POST', body: 'not json' });
    expect(response.status).toBe(404);
    expect(emulator.requests('other')).toMatchObject([{ path: '/v2/dreams', body: 'not json' }]);
  });
});

describe('the emulator', () => {
  it('answers HEAD / with 200', async () => {
    expect((await fetch(`${emulator.baseUrl('head')}/`, { method: 'HEAD' })).status).toBe(200);
  });

  it('listens on loopback only', () => {
    expect(emulator.baseUrl('x')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/s\/x$/);
  });

  it('destroys open sockets when it stops, and stops twice without complaint', async () => {
    const gate = createGate();
    emulator.script('open', [{ content: [{ type: 'text', text: 'held' }], gate: { afterEvents: 1, until: gate } }]);
    const response = await postMessages(emulator, 'open');
    await gate.reached;
    await emulator.stop();
    await emulator.stop();
    await expect(response.text()).rejects.toThrow();
  });
});

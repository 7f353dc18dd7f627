import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { sessionId, startApi, token, type ApiUnderTest } from '../api-under-test.ts';

let api: ApiUnderTest;

beforeAll(async () => {
  api = await startApi();
});

afterAll(() => api.stop());

interface Handshake {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly authorization?: string | null;
  readonly others?: readonly string[];
}

/** Sends a handshake as bytes; resolves with the head of what comes back, and the rest where that is no WebSocket. */
async function shakeHands(handshake: Handshake = {}): Promise<string> {
  const socket = connect(api.port, '127.0.0.1');
  socket.write(bytesOf(handshake));
  const [first] = (await once(socket, 'data')) as [Buffer];
  if (first.toString().startsWith('HTTP/1.1 101 ')) {
    socket.destroy();
    return first.toString();
  }
  // A connection that was to stay is not kept.
  socket.end();
  return `${first.toString()}${await text(socket)}`;
}

function bytesOf({ method = 'GET', path = '/v1/ws', host, authorization, others = [] }: Handshake): string {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host ?? `127.0.0.1:${api.port}`}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...(authorization === null ? [] : [`Authorization: ${authorization ?? `Bearer ${token}`}`]),
    ...others,
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const offer = (...names: string[]) => `Sec-WebSocket-Protocol: ${names.join(', ')}`;
const problem = (status: number, code: string) => new RegExp(`^HTTP/1.1 ${status} [^]*"code":"${code}"`);

describe('the door of the WebSocket (ATTACKS 6)', () => {
  it('lets a token in that stands in the header', async () => {
    const answer = await shakeHands();
    expect(answer).toMatch(/^HTTP\/1.1 101 Switching Protocols\r\n/);
    expect(answer).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    expect(answer).not.toMatch(/sec-websocket-(?:protocol|extensions)/i);
  });

  it('lets a token in that is offered as a protocol, and says only which one is spoken', async () => {
    const answer = await shakeHands({ authorization: null, others: [offer('drover.v1', `drover.token.${token}`)] });
    expect(answer).toMatch(/^HTTP\/1.1 101 /);
    expect(answer).toContain('Sec-WebSocket-Protocol: drover.v1\r\n');
    expect(answer).not.toContain(token);
  });

  it("lets this server's own pages in", async () => {
    expect(await shakeHands({ others: [`Origin: http://localhost:${api.port}`] })).toMatch(/^HTTP\/1.1 101 /);
  });

  it.each([
    'null',
    'http://evil.example',
    'https://127.0.0.1:PORT',
    'http://127.0.0.1:1',
    'http://127.0.0.1:PORT.evil.example',
    'http://localhost:PORT@evil.example',
    '',
  ])('refuses the Origin %j before 101, with the token', async (template) => {
    const origin = `Origin: ${template.replace('PORT', `${api.port}`)}`;
    expect(await shakeHands({ others: [origin] })).toMatch(problem(403, 'origin_refused'));
    const inBrowser = [origin, offer('drover.v1', `drover.token.${token}`)];
    expect(await shakeHands({ authorization: null, others: inBrowser })).toMatch(problem(403, 'origin_refused'));
  });

  it.each(['evil.example', 'evil.example:PORT', '127.0.0.1', '127.0.0.1:1', '127.0.0.1.evil.example:PORT'])(
    'refuses the Host %j before 101, with the token',
    async (host) => {
      expect(await shakeHands({ host: host.replace('PORT', `${api.port}`) })).toMatch(problem(421, 'host_refused'));
    },
  );

  it.each([
    ['none', []],
    ['none, from an own page', ['Origin: http://127.0.0.1:PORT']],
    ['none among the protocols', [offer('drover.v1')]],
    ['an empty one', [offer('drover.v1', 'drover.token.')]],
    ['one that is too short', [offer('drover.v1', `drover.token.${token.slice(0, -1)}`)]],
    ['one that is too long', [offer('drover.v1', `drover.token.${token}x`)]],
    ['one without its prefix', [offer('drover.v1', token)]],
    ['one in a cookie', [`Cookie: token=${token}`]],
  ])('asks for a token before 101, and finds %s', async (_, others) => {
    const own = others.map((line) => line.replace('PORT', `${api.port}`));
    const answer = await shakeHands({ authorization: null, others: own });
    expect(answer).toMatch(problem(401, 'unauthenticated'));
    expect(answer.toLowerCase()).toContain('www-authenticate: bearer');
  });

  it('refuses two tokens, whichever is right', async () => {
    const [right, wrong] = [`drover.token.${token}`, 'drover.token.x'];
    expect(await shakeHands({ others: [offer('drover.v1', wrong)] })).toMatch(problem(400, 'invalid_request'));
    for (const others of [[offer('drover.v1', right, wrong)], [offer('drover.v1', wrong), offer(right)]]) {
      expect(await shakeHands({ authorization: null, others })).toMatch(problem(400, 'invalid_request'));
    }
  });

  it('refuses a token in the URL', async () => {
    for (const path of [`/v1/ws?token=${token}`, `/v1/ws?access_token=x`, `/v1/ws?${token}`]) {
      expect(await shakeHands({ path })).toMatch(problem(400, 'token_in_url'));
      expect(await shakeHands({ path, authorization: null })).toMatch(problem(400, 'token_in_url'));
    }
  });

  it('refuses protocols that are not spoken, and does not quote them', async () => {
    for (const others of [[offer('chat')], [offer(`drover.token.${token}`)], [offer('drover.v1', 'drover.v1')]]) {
      const authorization = others[0]?.includes(token) === true ? null : undefined;
      const answer = await shakeHands({ others, ...(authorization === undefined ? {} : { authorization }) });
      expect(answer).toMatch(problem(400, 'invalid_request'));
      expect(answer).not.toContain(token);
    }
  });

  it('takes a token that is offered as a protocol on no other route', async () => {
    const others = [offer('drover.v1', `drover.token.${token}`)];
    for (const path of [`/v1/sessions/${sessionId}/events`, '/v1/sessions', '/v1/ws/', '/v1/wsx', '/nothing']) {
      expect(await shakeHands({ path, authorization: null, others })).toMatch(problem(401, 'unauthenticated'));
      expect(await shakeHands({ path })).toMatch(problem(400, 'invalid_request'));
    }
  });

  it('has no other way to it', async () => {
    expect(await shakeHands({ method: 'POST' })).toMatch(/^HTTP\/1.1 4\d\d /);
    expect(await shakeHands({ path: `http://127.0.0.1:${api.port}/v1/ws` })).toMatch(problem(421, 'host_refused'));
    expect(await shakeHands({ path: '/v1/%77s' })).toMatch(problem(426, 'invalid_request'));
    const plain = await api.send('GET', '/v1/ws');
    expect([plain.status, plain.headers['upgrade']]).toEqual([426, 'websocket']);
    expect((await api.send('GET', '/v1/ws', { withToken: false })).status).toBe(401);
  });

  it('refuses what is no handshake, with a problem', async () => {
    const broken = bytesOf({}).replace(/Sec-WebSocket-Key: .*\r\n/, '');
    expect(await api.sendRaw(broken)).toMatch(problem(400, 'invalid_request'));
    expect(await api.sendRaw(bytesOf({}).replace('Version: 13', 'Version: 12'))).toMatch(
      problem(400, 'invalid_request'),
    );
  });

  it('never writes a token into the log', async () => {
    api.logged.length = 0;
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/v1/ws`, ['drover.v1', `drover.token.${token}`]);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'subscribe', token }));
    await once(socket, 'close');
    await shakeHands({ authorization: null, others: [offer('drover.v1', `drover.token.${token}x`)] });
    await expect.poll(() => api.logged.length).toBe(3);
    expect(api.logged.join('\n')).not.toContain(token);
    expect(api.logged[0]).toContain('"path":"/v1/ws","status":101');
    expect(api.logged[1]).toContain('"code":4400');
    expect(api.logged[2]).toContain('"path":"/v1/ws","status":401');
  });

  it('compresses nothing, whatever is offered', async () => {
    const answer = await shakeHands({ others: ['Sec-WebSocket-Extensions: permessage-deflate'] });
    expect(answer).toMatch(/^HTTP\/1.1 101 /);
    expect(answer).not.toMatch(/sec-websocket-extensions/i);
  });

  it('is not brought down by an upgrade behind a request that has no answer yet', async () => {
    const request = `GET /v1/sessions HTTP/1.1\r\nHost: 127.0.0.1:${api.port}\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    await api.sendRaw(request + bytesOf({}));
    await api.sendRaw(bytesOf({ authorization: null }) + bytesOf({}));
    const gone = connect(api.port, '127.0.0.1');
    gone.write(bytesOf({}));
    gone.resetAndDestroy();
    expect((await api.send('GET', '/v1/health')).status).toBe(200);
  });
});

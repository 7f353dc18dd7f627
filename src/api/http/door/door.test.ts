import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sessionId, startApi, token, type ApiUnderTest } from '../api-under-test.ts';
import { createApp } from '../app.ts';
import type { HttpDependencies } from '../api.ts';
import { publicRoutes } from './authentication.ts';

let api: ApiUnderTest;

/** Of the true length. */
const wholeToken = `drv_${'AbC-_'.repeat(9).slice(0, 43)}`;

beforeAll(async () => {
  api = await startApi();
});

afterAll(() => api.stop());

/** Every route of the router itself, with ids in place of its parameters. */
async function allRoutes(): Promise<{ method: string; route: string; path: string }[]> {
  const app = await createApp({} as HttpDependencies, new AbortController().signal);
  const tree = app.printRoutes({ commonPrefix: false });
  await app.close();
  const branches: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', label = '', methods = ''] = /^((?:[│ ] {3})*)[├└]── (\S+)(?: \((.*)\))?$/.exec(line) ?? [];
    branches.splice(indent.length / 4, Infinity, label);
    if (methods === '') return [];
    const route = branches.join('');
    const path = route
      .replace(':sessionId', sessionId)
      .replace(/:runId/, 'run_x')
      .replace(':stream', 'stdout');
    return methods.split(', ').map((method) => ({ method, route, path }));
  });
}

describe('the token (ATTACKS 1)', () => {
  it('is needed on every route of the router, but for the allow-list', async () => {
    const routes = await allRoutes();
    expect(routes.length).toBeGreaterThanOrEqual(15);
    for (const { method, route, path } of routes) {
      const { status, json } = await api.send(method, path, { withToken: false });
      const isPublic = publicRoutes.has(`${method} ${route}`);
      expect([method, route, status]).toEqual([method, route, isPublic ? 200 : 401]);
      if (!isPublic) expect(json).toMatchObject({ code: 'unauthenticated', status: 401 });
    }
    expect([...publicRoutes]).toEqual(['GET /v1/health']);
  });

  it('is needed where there is no route at all, so that nothing can be learned without it', async () => {
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/metrics'],
      ['HEAD', '/v1/health'],
      ['OPTIONS', '/v1/sessions'],
      ['POST', '/v1/health'],
    ] as const) {
      expect((await api.send(method, path, { withToken: false })).status).toBe(401);
    }
  });

  it('stands in one Authorization header; a second one is refused, whichever is right', async () => {
    const head = `GET /v1/sessions HTTP/1.1\r\nHost: 127.0.0.1:${api.port}\r\nConnection: close\r\n`;
    const [right, wrong] = [`Authorization: Bearer ${token}\r\n`, 'Authorization: Bearer x\r\n'];
    for (const headers of [right + wrong, wrong + right, right + right]) {
      const answer = await api.sendRaw(`${head}${headers}\r\n`);
      expect(answer).toMatch(/^HTTP\/1.1 400 [^]*Expected one Authorization header, found 2/);
    }
  });

  it('is said to stand in the data directory where it is missing or wrong', async () => {
    for (const headers of [{}, { authorization: 'Bearer x' }]) {
      const { json } = await api.send('GET', '/v1/sessions', { withToken: false, headers });
      expect(json['detail']).toContain('the file "token" of the server\'s data directory');
    }
  });

  it.each(['', 'Bearer', 'Bearer ', `Bearer ${token}x`, `Bearer ${token.slice(0, -1)}`, `Basic ${token}`, token])(
    'is not %j',
    async (authorization) => {
      const { status, headers } = await api.send('GET', '/v1/sessions', {
        withToken: false,
        headers: { authorization },
      });
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toBe('Bearer');
    },
  );

  it('is asked for before a body is read', async () => {
    const headers = { 'content-type': 'application/json', 'content-length': '1000000' };
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const answer = await api.sendRaw(
      `POST /v1/sessions HTTP/1.1\r\nHost: 127.0.0.1:${api.port}\r\nConnection: close\r\n${head.join('')}\r\n{`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 401 /);
  });
});

describe('the Host header (ATTACKS 3)', () => {
  it.each(['127.0.0.1:PORT', 'localhost:PORT', 'LOCALHOST:PORT', '[::1]:PORT'])('may be %s', async (host) => {
    expect(
      (await api.send('GET', '/v1/sessions', { headers: { host: host.replace('PORT', `${api.port}`) } })).status,
    ).toBe(200);
  });

  it.each([
    'evil.example',
    'evil.example:PORT',
    'localhost.evil.example:PORT',
    '127.0.0.1.evil.example:PORT',
    'localhost.:PORT',
    '127.1:PORT',
    '0.0.0.0:PORT',
    '127.0.0.1',
    'localhost',
    '127.0.0.1:1',
    '127.0.0.1:PORT0',
    '127.0.0.1:PORT, evil.example',
    'user@127.0.0.1:PORT',
  ])('is refused with 421 when it is %j', async (host) => {
    const { status, json } = await api.send('GET', '/v1/health', {
      headers: { host: host.replace('PORT', `${api.port}`) },
    });
    expect([status, json['code']]).toEqual([421, 'host_refused']);
  });

  it('is refused with 400 when it is missing or doubled', async () => {
    const head = `GET /v1/health HTTP/1.1\r\nConnection: close\r\n`;
    const host = `Host: 127.0.0.1:${api.port}\r\n`;
    for (const answer of [
      await api.sendRaw(`${head}\r\n`),
      await api.sendRaw(`${head}${host}${host}\r\n`),
      await api.sendRaw(`${head}${host}Host: evil.example\r\n\r\n`),
      await api.sendRaw(`GET /v1/health HTTP/1.0\r\n\r\n`),
    ]) {
      expect(answer).toMatch(/^HTTP\/1.1 400 /);
      expect(answer).toContain('application/problem+json');
    }
  });

  it('is refused with 421 when it is empty', async () => {
    expect(await api.sendRaw('GET /v1/health HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1.1 421 /,
    );
  });

  it('cannot be overruled by an absolute URI', async () => {
    for (const target of [
      'http://evil.example/v1/health',
      `http://127.0.0.1:${api.port}/v1/health`,
      'evil.example/v1/health',
    ]) {
      const answer = await api.sendRaw(
        `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${api.port}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1.1 (421|400) /);
      expect(answer).not.toContain('"status":"ok"');
    }
  });
});

describe('the Origin header (ATTACKS 4)', () => {
  it("may be absent or this server's own", async () => {
    for (const origin of [`http://127.0.0.1:${api.port}`, `http://localhost:${api.port}`]) {
      expect((await api.send('GET', '/v1/sessions', { headers: { origin } })).status).toBe(200);
    }
    expect((await api.send('GET', '/v1/sessions')).status).toBe(200);
  });

  it.each([
    'null',
    'http://evil.example',
    'https://127.0.0.1:PORT',
    'http://127.0.0.1',
    'http://127.0.0.1:1',
    'http://127.0.0.1:PORT.evil.example',
    'http://localhost:PORT@evil.example',
    'http://LOCALHOST.evil:PORT',
    'file://',
    '',
  ])('is refused with 403 when it is %j, on every method, with the token', async (template) => {
    const origin = template.replace('PORT', `${api.port}`);
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const { status, json, headers } = await api.send(method, '/v1/sessions', { headers: { origin } });
      expect([status, json['code']]).toEqual([403, 'origin_refused']);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  it('is never answered with CORS headers, and never stands in for a token', async () => {
    const origin = `http://127.0.0.1:${api.port}`;
    const preflight = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    const { status, headers } = await api.send('OPTIONS', '/v1/sessions', { headers: preflight, withToken: false });
    expect(status).toBe(401);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  it('guards an upgrade too, which is refused before 101 in any case (ATTACKS 6)', async () => {
    const upgrade = (...lines: string[]) =>
      api.sendRaw(
        [
          `GET /v1/sessions/${sessionId}/events HTTP/1.1`,
          `Host: 127.0.0.1:${api.port}`,
          'Connection: Upgrade',
          'Upgrade: websocket',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
          ...lines,
          '\r\n',
        ].join('\r\n'),
      );
    expect(await upgrade('Origin: http://evil.example', `Authorization: Bearer ${token}`)).toMatch(/^HTTP\/1.1 403 /);
    expect(await upgrade()).toMatch(/^HTTP\/1.1 401 /);
    expect(await upgrade(`Authorization: Bearer ${token}`)).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe('a token in a URL (ATTACKS 7)', () => {
  it.each([
    '/v1/sessions?token=abc',
    '/v1/sessions?access_token=abc',
    '/v1/sessions?API_KEY=abc',
    '/v1/sessions?authorization=Bearer%20abc',
    `/v1/sessions?after=${token}`,
    `/v1/sessions?${token}`,
    `/v1/sessions?x=%64rv_0123456789abcdef`,
    `/v1/runs/${token}`,
    '/v1/runs/%64rv_0123456789abcdef',
    `/v1/runs/run_${wholeToken}`,
    `/v1/x${wholeToken.replaceAll('A', '%41')}y/z`,
    `/v1/%zz/x${wholeToken.replace('d', '%64')}`,
    `/v1/runs?limit=x${wholeToken}`,
  ])('is refused: %s', async (path) => {
    const { status, json } = await api.send('GET', path);
    expect([status, json['code']]).toEqual([400, 'token_in_url']);
  });

  it('appears nowhere in the log, nor does a header, nor a query', async () => {
    api.logged.length = 0;
    const headers = { referer: `http://127.0.0.1/?token=${token}`, 'user-agent': 'secret-agent' };
    await api.send('GET', `/v1/sessions?token=${token}`, { headers });
    await api.send('GET', `/v1/runs/${token}`, { headers });
    await api.send('GET', '/v1/runs?limit=secret', { headers });
    await api.send('GET', '/v1/nothing?limit=secret', { headers });
    await api.send('GET', `/v1/runs/run_${wholeToken}`, { headers });
    await api.send('GET', `/v1/x${wholeToken.replace('d', '%64')}/%zz`, { headers });
    expect(api.logged).toHaveLength(6);
    expect(api.logged.join('\n')).not.toMatch(/0123456789abcdef|secret|AbC-_/);
    expect(api.logged.join('\n')).toContain('"path":"/v1/runs","status":400');
  });
});

describe('a path that the router cannot read', () => {
  const tooLong = `/v1/runs/${'x'.repeat(300)}`;

  it.each(['/v1/%zz', tooLong])('passes the same door: %s', async (path) => {
    const answers = [
      await api.send('GET', path, { headers: { host: 'evil.example' } }),
      await api.send('GET', path, { headers: { origin: 'http://evil.example' } }),
      await api.send('GET', `${path}?token=x`),
      await api.send('GET', path, { withToken: false }),
      await api.send('GET', path),
    ];
    expect(answers.map(({ status }) => status)).toEqual([421, 403, 400, 401, 400]);
    expect(answers.map(({ json }) => json['code'])).toEqual([
      'host_refused',
      'origin_refused',
      'token_in_url',
      'unauthenticated',
      'invalid_request',
    ]);
    for (const { headers, text } of answers) {
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/problem+json' });
      expect(text).not.toMatch(/%zz|xxxx/);
    }
  });

  it('has its line in the access log', async () => {
    api.logged.length = 0;
    await api.send('GET', '/v1/%zz?secret', { withToken: false });
    await expect.poll(() => api.logged).toHaveLength(1);
    expect(api.logged[0]).toContain('"path":"/v1/%zz","status":401');
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run, runId, session, sessionId, startApi, token, type ApiUnderTest } from '../api-under-test.ts';

let api: ApiUnderTest;

beforeAll(async () => {
  api = await startApi({
    supervisor: {
      sessions: async () => {
        throw new Error('a secret of the implementation');
      },
    },
  });
});

beforeEach(() => {
  api.calls.length = 0;
});

afterAll(() => api.stop());

const { answer: _, answerSource: __, permissions, ...rest } = run;
const { rules: _rules, ...shown } = permissions;
const summary = { ...rest, permissions: shown };

const post = (path: string, body: unknown, headers = {}) =>
  api.send('POST', path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });

describe('sessions', () => {
  it('are created with 201 and a Location', async () => {
    const input = { profile: 'claude', workspace: { path: '/work' } };
    const { status, headers, json } = await post('/v1/sessions', input);
    expect([status, headers.location]).toEqual([201, `/v1/sessions/${sessionId}`]);
    expect(json).toEqual(session);
    expect(api.calls).toEqual([['createSession', input]]);
  });

  it('are found by their id; an unknown one is 404, and what is no id 400', async () => {
    expect((await api.send('GET', `/v1/sessions/${sessionId}`)).json).toEqual(session);
    const unknown = sessionId.replace(/1$/, '9');
    expect((await api.send('GET', `/v1/sessions/${unknown}`)).json).toMatchObject({ code: 'not_found', status: 404 });
    expect((await api.send('GET', '/v1/sessions/what')).json).toMatchObject({
      code: 'invalid_request',
      detail: 'path.sessionId is "what": expected an id of the form "ses_…"',
    });
  });
});

describe('runs', () => {
  it('are queued with 202 and a Location; the same key gives the same run with 200', async () => {
    const create = () => post(`/v1/sessions/${sessionId}/runs`, { prompt: 'Hello' }, { 'idempotency-key': 'k1' });
    const [first, second] = [await create(), await create()];
    expect([first.status, second.status]).toEqual([202, 200]);
    expect(second.headers.location).toBe(`/v1/runs/${runId}`);
    expect(second.json).toEqual(run);
    expect([first, second].map(({ headers }) => headers['idempotent-replayed'])).toEqual([undefined, 'true']);
    expect(api.calls[0]).toEqual(['createRun', sessionId, { prompt: 'Hello' }, 'k1']);
  });

  it('are answered with 200 where the prompt was said into the one that is going', async () => {
    const input = { prompt: 'And the tests', mode: 'steer' };
    const { status, headers, json } = await post(`/v1/sessions/${sessionId}/runs`, input);
    expect([status, headers['idempotent-replayed'], json]).toEqual([200, undefined, run]);
    expect(api.calls).toEqual([['createRun', sessionId, input, undefined]]);
  });

  it.each(['', ' ', 'a b', 'x'.repeat(256), 'ä'])('refuse the Idempotency-Key %j', async (key) => {
    const { status, json } = await post(
      `/v1/sessions/${sessionId}/runs`,
      { prompt: 'Hello' },
      { 'idempotency-key': key },
    );
    expect([status, json['code']]).toEqual([400, 'invalid_request']);
    expect(json['detail']).toContain('header.idempotency-key');
    expect(api.calls).toEqual([]);
  });

  it('are listed by session, openness and limit', async () => {
    expect((await api.send('GET', `/v1/runs?open=true&sessionId=${sessionId}&limit=7`)).json).toEqual({
      runs: [summary],
    });
    await api.send('GET', '/v1/runs');
    await api.send('GET', `/v1/sessions/${sessionId}/runs`);
    expect(api.calls).toEqual([
      ['runs', { isOpen: true, sessionId, limit: 7 }],
      ['runs', { isOpen: false, limit: 100 }],
      ['runs', { sessionId, isOpen: false, limit: 100 }],
    ]);
  });

  it.each([
    ['limit=0', 'query.limit is "0": expected number to be >=1'],
    ['limit=x', 'query.limit is "x": expected number'],
    ['open=yes', 'query.open is "yes": expected one of "true"|"false"'],
    ['opne=true', 'query.opne is "true": expected one of open, sessionId, limit'],
    ['sessionId=1', 'query.sessionId is "1": expected an id of the form "ses_…"'],
  ])('refuse the query %s and say why', async (query, detail) => {
    expect((await api.send('GET', `/v1/runs?${query}`)).json).toMatchObject({ status: 400, detail });
  });
});

describe('a prompt', () => {
  const limit = 1024 * 1024;
  const create = (prompt: unknown) => post(`/v1/sessions/${sessionId}/runs`, { prompt });

  it.each([
    ['x', limit],
    ['é', limit / 2],
    ['🙂', limit / 4],
    ['\u0001', limit],
  ])('of 1 MB of %j is taken, and one byte more is not', async (character, count) => {
    const prompt = character.repeat(count);
    expect((await create(prompt)).status).toBe(202);
    expect(api.calls).toEqual([['createRun', sessionId, { prompt }, undefined]]);
    api.calls.length = 0;
    const { status, json } = await create(`${prompt}x`);
    expect([status, json['code']]).toEqual([400, 'invalid_request']);
    expect(json['detail']).toMatch(
      /^body\.prompt is ".*expected 1 MB \(1048576 bytes\) of UTF-8 at most, found 1048577 bytes$/,
    );
    expect(api.calls).toEqual([]);
  });

  it.each([10_000_000, 10 * limit, 50 * limit])('of %d bytes is refused with the limit', async (size) => {
    // With fetch, as clients do: the answer must be there for them although not all was read.
    const response = await fetch(`${api.url}/v1/sessions/${sessionId}/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'x'.repeat(size) }),
    });
    expect([400, 413]).toContain(response.status);
    expect(((await response.json()) as { detail: string }).detail).toContain('1 MB (1048576 bytes)');
    expect(api.calls).toEqual([]);
  });

  it.each(['', ' ', '\n\t '])('is refused where it is blank: %j', async (prompt) => {
    expect((await create(prompt)).json).toMatchObject({
      status: 400,
      detail: `body.prompt is ${JSON.stringify(prompt)}: expected a prompt that is not blank`,
    });
    expect(api.calls).toEqual([]);
  });
});

describe('a query', () => {
  it.each([
    '/v1/health',
    '/v1/sessions',
    `/v1/sessions/${sessionId}`,
    `/v1/runs/${runId}`,
    '/v1/profiles',
    '/v1/openapi.json',
  ])('is refused where there is none: %s', async (path) => {
    expect((await api.send('GET', `${path}?x=1`)).json).toMatchObject({
      status: 400,
      detail: 'query.x is "1": no keys are expected',
    });
  });

  it('is refused by a verb, which does nothing', async () => {
    expect((await api.send('POST', `/v1/runs/${runId}/stop?force=true`)).status).toBe(400);
    expect(api.calls).toEqual([]);
  });
});

describe('bodies', () => {
  it.each([
    [{ profile: 'claude' }, 'body.workspace is missing: expected object'],
    [{ profile: 1, workspace: { path: '/w' } }, 'body.profile is 1: expected string'],
    [{ profile: 'p', workspace: { path: '/w', mode: 1 } }, 'body.workspace.mode is 1: expected one of path, isShared'],
    [
      { profile: 'p', workspace: { path: '/w' }, tenantId: 'ten_2' },
      'body.tenantId is "ten_2": expected one of profile, workspace, permissions, warm',
    ],
    [['x'], 'body is an array of 1: expected object'],
  ])('that do not fit are refused value by value: %j', async (body, detail) => {
    const { status, json } = await post('/v1/sessions', body);
    expect([status, json['detail']]).toEqual([400, detail]);
    expect(json['errors']).toMatchObject([{ path: detail.split(' ', 1)[0] }]);
    expect(api.calls).toEqual([]);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    '',
  ])('of the type %j are refused with 415 (ATTACKS 5)', async (type) => {
    const body = '{"profile":"claude","workspace":{"path":"/work"}}';
    const headers = { 'content-type': type, cookie: 'session=1' };
    const { status, json } = await api.send('POST', '/v1/sessions', { body, headers });
    expect([status, json['code']]).toEqual([415, 'unsupported_media_type']);
    expect(api.calls).toEqual([]);
  });

  it.each([
    ['{', 'The body is not valid JSON: '],
    ['', 'The body is empty; a JSON object is expected'],
    ['{"__proto__":{"admin":true}}', 'The body has a key that no object may have'],
    ['{"constructor":{"prototype":{}}}', 'The body has a key that no object may have'],
    ['null garbage', 'The body is not valid JSON: '],
  ])('that are no JSON are refused, in words: %j', async (body, detail) => {
    const headers = { 'content-type': 'application/json' };
    const { status, json } = await api.send('POST', '/v1/sessions', { body, headers });
    expect([status, json['code']]).toEqual([400, 'invalid_request']);
    expect(json['detail']).toContain(detail);
  });

  it('that are no UTF-8 are refused rather than mended', async () => {
    const body = Buffer.concat([
      Buffer.from('{"profile":"claude","workspace":{"path":"/work'),
      Buffer.of(0xff),
      Buffer.from('"}}'),
    ]);
    const { status, json } = await api.send('POST', '/v1/sessions', {
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect([status, json['detail']]).toEqual([400, 'The body is not UTF-8']);
    expect(api.calls).toEqual([]);
  });

  it('larger than 10 MB are refused with 413', async () => {
    const headers = { 'content-type': 'application/json', 'content-length': String(10 * 1024 * 1024 + 1) };
    const { status, json } = await api.send('POST', '/v1/sessions', { body: '{', headers });
    expect([status, json['code']]).toEqual([413, 'payload_too_large']);
    expect(json['detail']).toContain('10485760 bytes');
    expect(json['detail']).toContain('1 MB (1048576 bytes)');
  });

  it('nested a million deep are refused like any other (ATTACKS 32)', async () => {
    const body = `{"profile":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`;
    const { status, text } = await api.send('POST', '/v1/sessions', {
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(status).toBe(400);
    expect(text.length).toBeLessThan(2_000);
  });
});

describe('problems', () => {
  it('answer unknown routes', async () => {
    const { status, headers, json } = await api.send('GET', '/v1/sesions?x=1');
    expect([status, headers['content-type']]).toEqual([404, 'application/problem+json']);
    expect(json).toEqual({
      type: 'urn:drover:problem:not_found',
      title: 'Nothing is there under this name',
      status: 404,
      code: 'not_found',
      detail: 'There is no route GET /v1/sesions; GET /v1/openapi.json lists all',
    });
  });

  it.each(['/v1/%zz', '/v1/runs/%00', `/v1/runs/${'x'.repeat(300)}`, '//v1/health', '/v1/../v1/sessions'])(
    'answer the path %s',
    async (path) => {
      const { status, headers } = await api.send('GET', path);
      expect([400, 404, 414]).toContain(status);
      expect(headers['content-type']).toBe('application/problem+json');
    },
  );

  it('answer what is no HTTP', async () => {
    expect(await api.sendRaw('HELLO\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [^]*application\/problem\+json[^]*"status":400/);
  });

  it('tell nothing of a bug but where the log has it', async () => {
    const { status, json, text } = await api.send('GET', '/v1/sessions');
    expect([status, json['code']]).toEqual([500, 'internal']);
    expect(text).not.toContain('secret of the implementation');
    expect(text).not.toContain('at ');
    const logged = api.logged.find((line) => line.includes('a request met a bug'));
    expect(logged).toContain('a secret of the implementation');
    expect(json['detail']).toContain(/"request":"(req-\w+)"/.exec(logged ?? '')?.[1]);
  });
});

describe('every answer', () => {
  it.each(['/v1/health', '/v1/profiles', '/v1/nothing', `/v1/sessions/${sessionId}/events`])(
    'forbids sniffing, storing and framing: %s',
    async (path) => {
      const { headers } = await api.send('GET', path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      });
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    },
  );
});

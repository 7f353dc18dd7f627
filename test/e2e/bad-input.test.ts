import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { end, script } from '../../src/agents/scripted/script.ts';
import { Problem } from '../../src/contracts/resources.ts';
import { TestServer } from './test-server.ts';
import { until } from './until.ts';

let server: TestServer;

beforeEach(async () => {
  const missing = { driver: 'claude', options: { command: '/nonexistent/claude' } };
  server = new TestServer({ config: { profiles: { scripted: { driver: 'scripted' }, missing } } });
  await server.start();
});

afterEach(() => server.dispose());

interface Request {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request and expects it to be refused with a problem whose detail says all of this. */
async function refused(path: string, status: number, says: readonly string[], request: Request = {}) {
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json', ...request.headers };
  const response = await fetch(server.url + path, { ...request, headers });
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const problem = Problem.parse(await response.json());
  expect([response.status, problem.status]).toEqual([status, status]);
  for (const words of says) expect(problem.detail).toContain(words);
  return problem;
}

const post = (body: unknown): Request => ({ method: 'POST', body: JSON.stringify(body) });

describe('what is not valid is refused with a problem that names the value and the way out, and makes nothing', () => {
  test('an unknown profile, a missing directory, unknown keys', async () => {
    const workspace = { path: server.workspace() };
    await refused('/v1/sessions', 422, ['"nobody"', 'scripted'], post({ profile: 'nobody', workspace }));
    const nowhere = join(server.place, 'nowhere');
    await refused(
      '/v1/sessions',
      422,
      [nowhere, 'create it'],
      post({ profile: 'scripted', workspace: { path: nowhere } }),
    );
    await refused(
      '/v1/sessions',
      422,
      ['"relative"', 'whole path'],
      post({ profile: 'scripted', workspace: { path: 'relative' } }),
    );
    await refused(
      '/v1/sessions',
      422,
      ['data directory'],
      post({ profile: 'scripted', workspace: { path: server.dataDir } }),
    );
    await refused('/v1/sessions', 400, ['colour'], post({ profile: 'scripted', workspace, colour: 'red' }));
    expect(await server.client.sessions()).toEqual([]);
    expect(existsSync(nowhere)).toBe(false);
  });

  test('an empty prompt, one of 10 MB, one just beyond 1 MB', async () => {
    const sessionId = await server.session();
    const path = `/v1/sessions/${sessionId}/runs`;
    await refused(path, 400, ['prompt'], post({ prompt: '' }));
    await refused(path, 400, ['prompt', '1 MB'], post({ prompt: 'é'.repeat(524_289) }));
    const problem = await refused(path, 413, ['prompt', '1 MB'], post({ prompt: 'x'.repeat(10 * 1024 * 1024) }));
    expect(problem.code).toBe('payload_too_large');
    expect(await server.client.runs({ sessionId })).toEqual([]);
    const [run] = [await server.client.createRun(sessionId, { prompt: script(end()).padEnd(1024 * 1024) })];
    expect(run.isRepeated).toBe(false);
  });

  test('a malformed cursor, a wrong token', async () => {
    const sessionId = await server.session();
    await refused(`/v1/sessions/${sessionId}/events?after=-5`, 400, ['"-5"']);
    await refused(`/v1/sessions/${sessionId}/events?after=one`, 400, ['"one"']);
    await refused('/v1/sessions', 401, ['token'], { headers: { authorization: 'Bearer drv_wrong' } });
    await refused('/v1/runs/run_nothing', 400, ['run_nothing']);
  });
});

test('an agent binary that is not there fails the run, which says how to install it', async () => {
  const sessionId = await server.session('missing');
  const { run } = await server.client.createRun(sessionId, { prompt: 'hello' });
  await until(async () => (await server.client.run(run.id)).state === 'failed', 'the run to fail');
  const { reason, message } = await server.client.run(run.id);
  expect(reason).toBe('agent_not_found');
  expect(message).toContain('/nonexistent/claude');
  expect(message).toContain('npm install');
});

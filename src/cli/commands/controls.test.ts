import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { permission, permissionId, run, runId, session, sessionId } from '../../api/http/supervisor-under-test.ts';
import type { Run } from '../../contracts/resources.ts';
import { systemClock } from '../../kernel/clock.ts';
import { runProgram } from '../program.ts';

let server: Server;
let asked: unknown[][];
let answers: Record<string, unknown>;

beforeEach(async () => {
  asked = [];
  answers = {};
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const line = `${request.method} ${request.url}`;
      asked.push(body === '' ? [line] : [line, JSON.parse(body)]);
      const answer = answers[line];
      response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const now = Date.parse('2026-11-21T10:01:00.000Z');

async function drover(...args: string[]) {
  let [stdout, stderr] = ['', ''];
  const code = await runProgram(args, {
    env: { DROVER_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, DROVER_TOKEN: 'drv_x' },
    cwd: '/work',
    stdin: (async function* () {
      yield Buffer.from('from stdin');
    })(),
    stdout: { write: (written) => (stdout += written.toString()) },
    stderr: { write: (written) => (stderr += written.toString()) },
    clock: { ...systemClock, now: () => now },
    onSignal: () => () => undefined,
    onLine: () => () => undefined,
    exit: () => undefined,
    loadDaemon: () => import('../../daemon.ts'),
  });
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

describe('a run', () => {
  it('is paused at once, or with its session when it has ended', async () => {
    answers[`POST /v1/runs/${runId}/pause`] = { ...run, state: 'paused' };
    expect(await drover('pause', runId)).toBe(`${runId} paused\n`);
    expect(await drover('pause', runId, '--finish')).toContain(`until "drover resume ${sessionId}"`);
    expect(asked).toEqual([[`POST /v1/runs/${runId}/pause`], [`POST /v1/runs/${runId}/pause`, { when: 'finished' }]]);
  });

  it('and a session are resumed by the beginning of their ids', async () => {
    answers[`POST /v1/runs/${runId}/resume`] = { ...run, state: 'running' };
    answers[`POST /v1/sessions/${sessionId}/resume`] = session;
    answers[`POST /v1/sessions/${sessionId}/pause`] = { ...session, isPaused: true };
    expect(await drover('resume', runId)).toBe(`${runId} running\n`);
    expect(await drover('resume', sessionId)).toBe(`${sessionId} goes on\n`);
    expect(await drover('pause', sessionId)).toContain(`${sessionId} paused; nothing new starts`);
  });

  it('that waits is edited and moved', async () => {
    answers[`PATCH /v1/runs/${runId}`] = run;
    const other = runId.replace(/2$/, '7');
    expect(await drover('edit', runId, 'Do', 'that')).toBe(`${runId} queued\n`);
    await drover('edit', runId, '-');
    expect(await drover('move', runId, '--before', other)).toBe(`${runId} queued: waits for a slot\n`);
    await drover('move', runId, '--last');
    expect(asked.map(([, body]) => body)).toEqual([
      { prompt: 'Do that' },
      { prompt: 'from stdin' },
      { before: other },
      { before: null },
    ]);
  });

  it('is shown in full with what it waits for', async () => {
    answers[`GET /v1/runs/${runId}`] = run;
    answers[`GET /v1/permissions?sessionId=${sessionId}&pending=true&limit=1000`] = { permissions: [permission] };
    answers[`GET /v1/runs?sessionId=${sessionId}&open=true&limit=1000`] = { runs: [run] };
    const shown = await drover('show', runId);
    expect(shown).toContain(`waits for  ${permissionId} Run git push (4m 0s, then deny)\n`);
    expect(shown).toContain('queue      1 waiting');
    expect(JSON.parse(await drover('show', runId, '--json'))).toEqual(run);
  });

  it('is made with rules in the order of the command line', async () => {
    answers[`GET /v1/sessions/${sessionId}`] = session;
    answers[`POST /v1/sessions/${sessionId}/runs`] = run;
    const rules = ['--deny', 'Bash(git push*)', '--allow', 'Bash(git *)', '--allow', 'Read', '--ask', 'Write:src/**'];
    await drover('run', 'Go', '--session', sessionId, '--replace', '--refuse-busy', '--detach', ...rules);
    expect(asked[1]?.[1]).toEqual({
      prompt: 'Go',
      mode: 'replace',
      ifBusy: 'refuse',
      permissions: [
        { action: 'deny', tool: 'Bash', command: 'git push*' },
        { action: 'allow', tool: 'Bash', command: 'git *' },
        { action: 'allow', tool: 'Read' },
        { action: 'ask', tool: 'Write', path: 'src/**' },
      ],
    });
  });

  it('shares its directory only where it is told to', async () => {
    answers['POST /v1/sessions'] = session;
    answers[`POST /v1/sessions/${sessionId}/runs`] = run;
    await drover('run', 'Go', '--shared', '--detach');
    await drover('run', 'Go', '--detach');
    expect([asked[0]?.[1], asked[2]?.[1]]).toEqual([
      { profile: 'claude', workspace: { path: '/work', isShared: true } },
      { profile: 'claude', workspace: { path: '/work' } },
    ]);
  });
});

it('a session is warmed', async () => {
  answers[`POST /v1/sessions/${sessionId}/warm`] = session;
  expect(await drover('warm', sessionId)).toBe(`${sessionId} starting\n`);
});

describe('ps', () => {
  const live: Run['live'] = {
    doing: 'Run the tests\u001b[2J of everything that there is in this directory',
    pid: 7,
    silentMs: 1,
    sinceProgressMs: 1,
    cpuMs: 192_000,
    memoryBytes: 1_234_000_000,
    processes: 3,
  };
  const list = async (...runs: Partial<Run>[]) => {
    answers['GET /v1/runs?open=true&limit=1000'] = { runs: runs.map((one) => ({ ...run, ...one })) };
    return (await drover('ps')).split('\n').map((line) => line.split(/ {2,}/));
  };

  it('says what each run is doing, and why one that does nothing does not', async () => {
    const [header, working, waiting] = await list({ state: 'running', live }, {});
    expect(header).toEqual([
      'RUN',
      'STATE',
      'SINCE',
      'DOING',
      'EVIDENCE',
      'CPU',
      'MEM',
      'PROFILE',
      'SESSION',
      'PROMPT',
    ]);
    const doing = 'Run the tests␛[2J of everything that th…';
    expect(working).toEqual([
      runId,
      'running',
      '60s',
      doing,
      'waits for a slot',
      '3m 12s',
      '1.2 GB',
      'claude',
      sessionId,
      'Hello',
    ]);
    expect(waiting).toEqual([runId, 'queued', '60s', 'waits for a slot', 'claude', sessionId, 'Hello']);
  });

  it('marks those that may do anything', async () => {
    const [, first] = await list({ permissions: { ...run.permissions, isAllowAll: true } });
    expect(first).toContain('claude (allow all)');
  });
});

describe('approve', () => {
  const path = `POST /v1/permissions/${permissionId}/answer`;

  it('lists what waits, and answers nothing', async () => {
    answers['GET /v1/permissions?pending=true&limit=1000'] = {
      permissions: [{ ...permission, title: 'Run\u001b[2J git push' }],
    };
    expect((await drover('approve')).split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['PERMISSION', 'AGE', 'LEFT', 'RUN', 'TOOL', 'TITLE'],
      [permissionId, '60s', '4m 0s, then deny', runId, 'Bash', 'Run␛[2J git push'],
      [''],
    ]);
    expect(JSON.parse(await drover('approve', '--json'))).toMatchObject({ id: permissionId });
    answers['GET /v1/permissions?pending=true&limit=1000'] = { permissions: [] };
    expect(await drover('approve')).toBe('Nothing waits for an answer\n');
    expect(asked.every(([line]) => (line as string).startsWith('GET'))).toBe(true);
  });

  it.each([
    [[], { decision: 'allow' }],
    [['--always'], { decision: 'allow', remember: true }],
    [['--input', '{"command":"ls"}'], { decision: 'allow', updatedInput: { command: 'ls' } }],
    [['--deny'], { decision: 'deny' }],
    [['--deny', '--always', '--message', 'No'], { decision: 'deny', remember: true, message: 'No' }],
  ])('answers with %j', async (options, answer) => {
    answers[path] = { ...permission, decision: answer.decision, by: 'user' };
    const word = answer.decision === 'allow' ? 'allowed' : 'denied';
    expect(await drover('approve', permissionId, ...options)).toBe(`${permissionId} ${word}: Run git push\n`);
    expect(asked).toEqual([[path, answer]]);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../kernel/app-error.ts';
import { run, runId, session, sessionId, startApi, type ApiUnderTest } from '../api-under-test.ts';

let api: ApiUnderTest;
let refusal: AppError | null = null;

beforeAll(async () => {
  api = await startApi({
    supervisor: {
      async changeRun(_, id, change) {
        if (refusal !== null) throw refusal;
        api.calls.push(['changeRun', id, change]);
        return run;
      },
    },
  });
});

beforeEach(() => {
  api.calls.length = 0;
  refusal = null;
});

afterAll(() => api.stop());

const sendJson = (method: string, path: string, body: unknown) =>
  api.send(method, path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

describe('a verb for a run', () => {
  it.each(['interrupt', 'stop', 'cancel', 'resume', 'pause'])(
    '%s is taken with 202, with an empty body or none',
    async (verb) => {
      const { status, json } = await api.send('POST', `/v1/runs/${runId}/${verb}`);
      expect([status, json]).toEqual([202, run]);
      expect((await sendJson('POST', `/v1/runs/${runId}/${verb}`, {})).status).toBe(202);
      expect(api.calls).toEqual([
        ['command', runId, verb],
        ['command', runId, verb],
      ]);
    },
  );

  it.each(['interrupt', 'stop', 'cancel', 'resume'])('%s takes nothing beside', async (verb) => {
    expect((await sendJson('POST', `/v1/runs/${runId}/${verb}`, { force: true })).json).toMatchObject({
      status: 400,
      detail: 'body.force is true: no keys are expected',
    });
    expect(api.calls).toEqual([]);
  });

  it('says with pause when', async () => {
    await sendJson('POST', `/v1/runs/${runId}/pause`, { when: 'now' });
    await sendJson('POST', `/v1/runs/${runId}/pause`, { when: 'finished' });
    expect(api.calls).toEqual([
      ['command', runId, 'pause'],
      ['pauseWhenFinished', runId],
    ]);
    expect((await sendJson('POST', `/v1/runs/${runId}/pause`, { when: 'later' })).json).toMatchObject({
      status: 400,
      detail: 'body.when is "later": expected one of "now"|"finished"',
    });
    expect((await sendJson('POST', `/v1/runs/${runId}/pause`, { wen: 'now' })).json).toMatchObject({
      detail: 'body.wen is "now": expected one of when',
    });
  });
});

describe('a verb for a session', () => {
  it.each([
    ['pause', 'pauseSession', 200],
    ['resume', 'resumeSession', 200],
    ['warm', 'warmSession', 202],
  ])('%s answers with the session', async (verb, method, expected) => {
    const path = `/v1/sessions/${sessionId}/${verb}`;
    const { status, json } = await api.send('POST', path);
    expect([status, json]).toEqual([expected, session]);
    expect((await sendJson('POST', path, { force: true })).status).toBe(400);
    expect((await api.send('POST', path.replace(/1\/(\w+)$/, '9/$1'))).json).toMatchObject({ code: 'not_found' });
    expect(api.calls[0]).toEqual([method, sessionId]);
  });
});

describe('a change', () => {
  it('of a run names its prompt, its place or both', async () => {
    const other = runId.replace(/2$/, '7');
    for (const change of [{ prompt: 'Hi' }, { before: null }, { prompt: 'Hi', before: other }]) {
      const { status, json } = await sendJson('PATCH', `/v1/runs/${runId}`, change);
      expect([status, json]).toEqual([200, run]);
    }
    expect(api.calls).toEqual([
      ['changeRun', runId, { prompt: 'Hi' }],
      ['changeRun', runId, { before: null }],
      ['changeRun', runId, { prompt: 'Hi', before: other }],
    ]);
  });

  it.each([
    [{}, 'body is an object: expected `prompt` or `before`'],
    [{ prompt: ' ' }, 'body.prompt is " ": expected a prompt that is not blank'],
    [{ before: 'x' }, 'body.before is "x": expected an id of the form "run_…"'],
    [{ state: 'stopped' }, 'body.state is "stopped": expected one of prompt, before'],
  ])('of a run that says nothing, or nonsense, is refused: %j', async (change, detail) => {
    const { status, json } = await sendJson('PATCH', `/v1/runs/${runId}`, change);
    expect([status, json['detail']]).toEqual([400, expect.stringContaining(detail)]);
    expect(api.calls).toEqual([]);
  });

  it('of a run that has started is refused with what would be possible', async () => {
    const extras = { verb: 'change', state: 'running', possible: ['interrupt', 'stop', 'pause'] };
    refusal = new AppError('wrong_state', 'Cannot change the run', extras);
    const { status, json } = await sendJson('PATCH', `/v1/runs/${runId}`, { prompt: 'Hi' });
    expect([status, json]).toMatchObject([409, { code: 'wrong_state', ...extras }]);
  });

  it('of a session sets its rules or takes them away', async () => {
    const rules = [{ action: 'allow', tool: 'Read' }];
    for (const permissions of [rules, 'ask', null]) {
      expect((await sendJson('PATCH', `/v1/sessions/${sessionId}`, { permissions })).json).toEqual(session);
    }
    expect(api.calls.map(([, , change]) => change)).toEqual([
      { permissions: rules },
      { permissions: 'ask' },
      { permissions: null },
    ]);
    const { status, json } = await sendJson('PATCH', `/v1/sessions/${sessionId}`, {
      permissions: [{ action: 'nope' }],
    });
    expect([status, json['detail']]).toEqual([
      400,
      'body.permissions.0.action is "nope": expected one of "allow"|"deny"|"ask" (rule 1)',
    ]);
  });
});

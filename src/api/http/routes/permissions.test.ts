import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../kernel/app-error.ts';
import { auditEntry, permission, permissionId, sessionId, startApi, type ApiUnderTest } from '../api-under-test.ts';

let api: ApiUnderTest;
const answered = permissionId.replace(/3$/, '8');

beforeAll(async () => {
  api = await startApi({
    supervisor: {
      async answerPermission(_, id, answer) {
        api.calls.push(['answerPermission', id, answer]);
        if (id !== answered) return permission;
        throw new AppError('already_resolved', 'It is decided: deny (by user)', { decision: 'deny', by: 'user' });
      },
    },
  });
});

beforeEach(() => {
  api.calls.length = 0;
});

afterAll(() => api.stop());

const answer = (id: string, body: unknown) =>
  api.send('POST', `/v1/permissions/${id}/answer`, {
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });

describe('permissions', () => {
  it('are listed by what waits, by session and by limit', async () => {
    const { rawInput: _, ...summary } = permission;
    expect((await api.send('GET', '/v1/permissions')).json).toEqual({ permissions: [summary] });
    await api.send('GET', `/v1/permissions?pending=true&sessionId=${sessionId}&limit=7`);
    expect(api.calls).toEqual([
      ['permissions', { isPending: false, limit: 100 }],
      ['permissions', { isPending: true, sessionId, limit: 7 }],
    ]);
    expect((await api.send('GET', '/v1/permissions?pending=1')).json).toMatchObject({
      detail: 'query.pending is "1": expected one of "true"|"false"',
    });
  });

  it('are found by their id', async () => {
    expect((await api.send('GET', `/v1/permissions/${permissionId}`)).json).toEqual(permission);
    expect((await api.send('GET', `/v1/permissions/${answered}`)).json).toMatchObject({ code: 'not_found' });
    expect((await api.send('GET', '/v1/permissions/what')).json).toMatchObject({
      detail: 'path.permissionId is "what": expected an id of the form "prm_…"',
    });
  });

  it.each([
    { decision: 'allow' },
    { decision: 'allow', updatedInput: { command: 'git push --dry-run' }, remember: true },
    { decision: 'deny', message: 'Not on a Friday' },
  ])('are answered with 200 and what became of them: %j', async (body) => {
    const { status, json } = await answer(permissionId, body);
    expect([status, json]).toEqual([200, permission]);
    expect(api.calls).toEqual([['answerPermission', permissionId, body]]);
  });

  it.each([
    [{}, 'body.decision is missing: expected one of "allow"|"deny"'],
    [{ decision: 'yes' }, 'body.decision is "yes": expected one of "allow"|"deny"'],
    [{ decision: 'allow', updatedInput: 'ls' }, 'body.updatedInput is "ls": expected record'],
    [
      { decision: 'allow', always: true },
      'body.always is true: expected one of decision, updatedInput, message, remember',
    ],
  ])('are not answered by nonsense: %j', async (body, detail) => {
    expect((await answer(permissionId, body)).json).toMatchObject({ status: 400, detail });
    expect(api.calls).toEqual([]);
  });

  it('that are answered already say how, and by whom', async () => {
    expect((await answer(answered, { decision: 'allow' })).json).toMatchObject({
      status: 409,
      code: 'already_resolved',
      decision: 'deny',
      by: 'user',
    });
  });
});

describe('the audit', () => {
  it('is listed by session and limit', async () => {
    expect((await api.send('GET', '/v1/audit')).json).toEqual({ entries: [auditEntry] });
    await api.send('GET', `/v1/audit?sessionId=${sessionId}&limit=5`);
    expect(api.calls).toEqual([
      ['auditEntries', { limit: 100 }],
      ['auditEntries', { sessionId, limit: 5 }],
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Permission } from '../../contracts/permission.ts';
import type { Run } from '../../contracts/resources.ts';
import { describeRun } from './describe-run.ts';

const now = Date.parse('2026-11-21T10:10:00.000Z');

const run = {
  id: 'run_1',
  sessionId: 'ses_1',
  profile: 'claude',
  state: 'awaiting_permission',
  since: '2026-11-21T10:09:30.000Z',
  reason: null,
  message: null,
  evidence: 'agent 7 lives under holder 6',
  mode: 'queue',
  requestedVerb: 'interrupt',
  permissions: { isAllowAll: false, rules: ['allow Bash "git *" (session)', 'ask everything (server)'], pending: [] },
  live: {
    doing: 'waits for a permission',
    pid: 7,
    silentMs: 30_100,
    sinceProgressMs: 192_000,
    cpuMs: 7_500_000,
    memoryBytes: 1_234_000_000,
    processes: 4,
  },
  prompt: 'Push it\nand tell me',
  answer: null,
  answerSource: null,
  usage: { inputTokens: 10, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0.01 },
  attempts: 1,
  createdAt: '2026-11-21T10:00:00.000Z',
  startedAt: '2026-11-21T10:00:01.000Z',
  endedAt: null,
} as unknown as Run;

const permission = {
  id: 'prm_1',
  title: 'Run git push',
  deadlineAt: '2026-11-21T10:14:50.000Z',
  otherwise: 'deny',
} as Permission;

describe('a run in full', () => {
  it('says where it stands, how that is known, what it does, uses, may do and waits for', () => {
    expect(describeRun(run, { permissions: [permission], waiting: 0, now })).toBe(
      [
        'run        run_1',
        'state      awaiting_permission, for 30s',
        'evidence   agent 7 lives under holder 6',
        'asked to   interrupt',
        'doing      waits for a permission',
        'silent     for 30s',
        'progress   3m 12s ago',
        'cpu        2h 5m',
        'memory     1.2 GB',
        'processes  4, the agent is 7',
        'waits for  prm_1 Run git push (4m 50s, then deny)',
        'rules      allow Bash "git *" (session)',
        '           ask everything (server)',
        'profile    claude',
        'session    ses_1',
        'attempts   1',
        'created    2026-11-21T10:00:00.000Z',
        'started    2026-11-21T10:00:01.000Z',
        'used       10 tokens in, 2 out, $0.0100',
        '',
        'prompt:',
        'Push it',
        'and tell me',
        '',
      ].join('\n'),
    );
  });

  it('says how many wait where it waits itself, and marks one that may do anything', () => {
    const queued = {
      ...run,
      state: 'queued',
      queuePosition: null,
      live: null,
      permissions: { isAllowAll: true, rules: ['allow everything (profile)'], pending: [] },
    } as Run;
    const text = describeRun(queued, { permissions: [], waiting: 3, now });
    expect(text).toContain('queue      3 waiting in its session, this one included\n');
    expect(text).toContain('rules      ALLOW ALL: nothing is denied or asked\n           allow everything (profile)\n');
    expect(text).not.toContain('memory');
  });

  it('leaves out what could not be measured', () => {
    const blind = { silentMs: null, sinceProgressMs: null, cpuMs: null, memoryBytes: null, processes: null };
    const live = { doing: 'thinks', pid: 7, ...blind };
    const text = describeRun({ ...run, live }, { permissions: [], waiting: 0, now });
    expect(text).toContain('processes  the agent is 7\n');
    expect(text).not.toMatch(/^(?:silent|progress|cpu|memory|waits for)/m);
  });

  it('is inert, wherever an agent can put its text', () => {
    const evil = '\u001b]52;c;eA==\u0007\u009b2J\u202e\rx';
    const live = { ...run.live, doing: evil } as Run['live'];
    const permissions = [{ ...permission, title: evil }];
    const text = describeRun(
      { ...run, evidence: evil, live, answer: evil, prompt: evil },
      { permissions, waiting: 0, now },
    );
    expect(text).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e]/u);
    expect(text.match(/␛\]52/g)).toHaveLength(5);
  });
});

import { describe, expect, it } from 'vitest';
import { permission, permissionId, run, session } from '../api/http/supervisor-under-test.ts';
import type { DroverClient } from '../client/client.ts';
import type { Event, NewEvent } from '../contracts/events.ts';
import type { AnswerPermission } from '../contracts/permission.ts';
import type { Run, Session } from '../contracts/resources.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Io } from './io.ts';
import { watchRun } from './watch-run.ts';

const asks: NewEvent = {
  type: 'permission.requested',
  data: {
    permissionId,
    toolCallId: null,
    title: 'Run git push',
    deadlineAt: permission.deadlineAt,
    otherwise: permission.otherwise,
  },
};
const isAnswered: NewEvent = { type: 'permission.resolved', data: { permissionId, decision: 'allow', by: 'user' } };
const ends: NewEvent = {
  type: 'run.ended',
  data: { outcome: 'succeeded', reason: null, message: null, answer: '', answerSource: 'none' },
};

interface Place {
  readonly isTerminal?: boolean;
  readonly isJson?: boolean;
  readonly run?: Partial<Run>;
  readonly session?: Partial<Session>;
}

/** Watches a run that asks and ends when it was answered, by somebody who answers all questions that come to him with "y". */
async function watch({ isTerminal = false, isJson = false, ...place }: Place, events: readonly NewEvent[]) {
  let [stdout, stderr] = ['', ''];
  const answers: AnswerPermission[] = [];
  const isAllowed = Promise.withResolvers<undefined>();
  const client = {
    permission: async () => permission,
    async answerPermission(_: string, answer: AnswerPermission) {
      answers.push(answer);
      isAllowed.resolve(undefined);
      return permission;
    },
    async *events() {
      for (const [index, event] of events.entries()) {
        if (isTerminal && event.type === 'permission.resolved') await isAllowed.promise;
        const envelope = {
          seq: index + 1,
          prev: index,
          at: permission.requestedAt,
          sessionId: session.id,
          runId: run.id,
        };
        yield { ...envelope, ...event } as Event;
      }
    },
  } as unknown as DroverClient;
  let now = 0;
  const io = {
    env: {},
    clock: { ...systemClock, monotonic: () => (now += 1_000) },
    stdin: { isTTY: isTerminal } as Io['stdin'],
    stdout: { isTTY: isTerminal, write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    onSignal: () => () => undefined,
    onLine(handle: (line: string) => void) {
      setImmediate(() => handle('y'));
      return () => undefined;
    },
  } as unknown as Io;
  const options = { dataDir: 'my data' };
  const code = await watchRun(
    { ...run, ...place.run },
    { client, session: { ...session, ...place.session }, io, options, isJson },
  );
  expect(code).toBe(0);
  return { stdout, stderr, answers };
}

const command = `drover approve ${permissionId} --data-dir 'my data'`;

describe('a run that is watched', () => {
  it('tells how to answer what it asks, for the same server', async () => {
    const { stdout, answers } = await watch({}, [asks, isAnswered, ends]);
    expect(stdout).toContain(
      `? Run git push\n  allow it: ${command} (deny it: --deny; without an answer in 5m 0s: deny)\n`,
    );
    expect(answers).toEqual([]);
  });

  it('asks at a terminal', async () => {
    const { stdout, answers } = await watch({ isTerminal: true }, [asks, isAnswered, ends]);
    expect(stdout).toContain('Bash: git push');
    expect(stdout).toContain('allowed by user');
    expect(answers).toEqual([{ decision: 'allow' }]);
  });

  it('asks at a terminal what it asked before somebody steered it', async () => {
    const pending = { ...run.permissions, pending: [permissionId] };
    const { answers } = await watch({ isTerminal: true, run: { permissions: pending } }, [isAnswered, ends]);
    expect(answers).toEqual([{ decision: 'allow' }]);
  });

  it('never asks where a program reads JSON, and tells people beside it', async () => {
    const { stdout, stderr, answers } = await watch({ isJson: true }, [asks, isAnswered, ends]);
    const types = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as Event).type);
    expect(types).toEqual(['permission.requested', 'permission.resolved', 'run.ended']);
    expect(stderr).toBe(`drover: the run waits for an answer: ${command}\n`);
    expect(answers).toEqual([]);
  });

  it('tells that nothing starts in a session that is paused', async () => {
    const { stdout } = await watch({ session: { isPaused: true } }, [ends]);
    expect(stdout).toContain(`until: drover resume ${session.id} --data-dir 'my data'`);
  });
});

import { describe, expect, it } from 'vitest';
import { ProblemError, type DroverClient } from '../client/client.ts';
import type { Event } from '../contracts/events.ts';
import type { AnswerPermission, Permission } from '../contracts/permission.ts';
import { systemClock } from '../kernel/clock.ts';
import { TerminalQuestions } from './terminal-questions.ts';

const choices = 'y allows it, n denies it, a always allows this very command in this session';

const requested = (permissionId: string, deadlineAt: string | undefined = '2026-11-21T10:05:00.000Z') =>
  ({ type: 'permission.requested', data: { permissionId, toolCallId: null, title: 'May I?', deadlineAt } }) as Event;
const resolved = (permissionId: string, by = 'user') =>
  ({ type: 'permission.resolved', data: { permissionId, decision: 'deny', by } }) as Event;

/** Somebody at a terminal, who takes his time. */
function atTerminal({ command = 'git push', decision = null as Permission['decision'] } = {}) {
  const remarks: string[] = [];
  const answers: [string, AnswerPermission][] = [];
  const refusals: Error[] = [];
  const readers = new Set<(line: string) => void>();
  let now = 0;
  const client: Pick<DroverClient, 'permission' | 'answerPermission'> = {
    permission: async (id) =>
      ({ id, tool: 'Bash', command: `${command} ${id}`, paths: [], decision }) as unknown as Permission,
    async answerPermission(id, answer) {
      answers.push([id, answer]);
      const refusal = refusals.shift();
      if (refusal !== undefined) throw refusal;
      return {} as Permission;
    },
  };
  const questions = new TerminalQuestions({
    client,
    io: {
      clock: { ...systemClock, monotonic: () => now },
      onLine(handle) {
        readers.add(handle);
        return () => readers.delete(handle);
      },
    },
    remark: (text) => remarks.push(text),
    ask: (text) => remarks.push(text),
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    questions,
    answers,
    refusals,
    readers,
    remarks,
    settled,
    type: async (line: string, afterMs = 1_000) => {
      now += afterMs;
      for (const read of [...readers]) read(line);
      await settled();
    },
  };
}

describe('a question at the terminal', () => {
  it.each<[string, AnswerPermission]>([
    ['y', { decision: 'allow' }],
    [' YES ', { decision: 'allow' }],
    ['n', { decision: 'deny' }],
    ['a', { decision: 'allow', remember: true }],
  ])('shows what would be run, and is answered by %j', async (line, answer) => {
    const { questions, answers, remarks, readers, settled, type } = atTerminal();
    questions.take(requested('prm_1'));
    await settled();
    expect(remarks).toEqual(['Bash: git push prm_1', choices]);
    await type(line);
    questions.take(resolved('prm_1'));
    expect([answers, remarks.length, readers.size]).toEqual([[['prm_1', answer]], 2, 0]);
  });

  it('is asked again after anything else', async () => {
    const { questions, answers, remarks, settled, type } = atTerminal();
    questions.take(requested('prm_1'));
    await settled();
    await type('');
    await type('perhaps');
    expect([answers, remarks.slice(1)]).toEqual([[], [choices, choices, choices]]);
  });

  it('is not asked where the policy decides, and not where it is decided already', async () => {
    const { questions, remarks, readers, settled } = atTerminal({ decision: 'allow' });
    questions.take({ ...requested('prm_1'), data: { permissionId: 'prm_1', toolCallId: null, title: 'x' } } as Event);
    questions.add('prm_2');
    await settled();
    expect([remarks, readers.size]).toEqual([[], 0]);
  });

  it('reads nothing as long as there is none', async () => {
    const { questions, readers, settled, type } = atTerminal();
    expect(readers.size).toBe(0);
    questions.add('prm_1');
    await settled();
    expect(readers.size).toBe(1);
    await type('y');
    expect(readers.size).toBe(0);
    questions.add('prm_2');
    await settled();
    questions.close();
    expect(readers.size).toBe(0);
  });

  it('shows every line of a command, and nothing of it does anything', async () => {
    const { questions, remarks, settled } = atTerminal({ command: 'git status\n\u001b[2Jrm -rf ~' });
    questions.add('prm_1');
    await settled();
    expect(remarks).toEqual(['Bash: git status', '│ ␛[2Jrm -rf ~ prm_1', choices]);
  });
});

describe('several questions', () => {
  it('are asked one after the other', async () => {
    const { questions, answers, remarks, settled, type } = atTerminal();
    questions.take(requested('prm_1'));
    questions.take(requested('prm_2'));
    questions.take(requested('prm_2'));
    await settled();
    await type('y');
    await type('n');
    await type('y');
    expect(answers.map(([id, { decision }]) => [id, decision])).toEqual([
      ['prm_1', 'allow'],
      ['prm_2', 'deny'],
    ]);
    expect(remarks.filter((line) => line.startsWith('Bash'))).toEqual(['Bash: git push prm_1', 'Bash: git push prm_2']);
  });

  it('never get the answer that was meant for the one before', async () => {
    const { questions, answers, remarks, settled, type } = atTerminal();
    questions.add('prm_1');
    questions.add('prm_2');
    await settled();
    questions.take(resolved('prm_1'));
    await settled();
    await type('y', 100);
    expect(answers).toEqual([]);
    expect(remarks.at(-1)).toBe(`That was typed too early. ${choices}`);
    await type('n');
    expect(answers).toEqual([['prm_2', { decision: 'deny' }]]);
  });
});

describe('somebody else', () => {
  it('may answer: it is said, and the next is asked', async () => {
    const { questions, remarks, settled } = atTerminal();
    questions.add('prm_1');
    questions.add('prm_2');
    await settled();
    questions.take(resolved('prm_1'));
    await settled();
    expect(remarks).toEqual([
      'Bash: git push prm_1',
      choices,
      'Somebody else has answered',
      'Bash: git push prm_2',
      choices,
    ]);
  });

  it('may be first: that is said, too', async () => {
    const { questions, refusals, remarks, readers, settled, type } = atTerminal();
    questions.add('prm_1');
    await settled();
    refusals.push(problem('already_resolved', 'It is decided: deny (by user)'));
    await type('y');
    expect(remarks.at(-1)).toBe('Somebody else was first: It is decided: deny (by user)');
    expect(readers.size).toBe(0);
  });
});

it('a refusal is told, and the question stays', async () => {
  const { questions, answers, refusals, remarks, settled, type } = atTerminal();
  questions.add('prm_1');
  await settled();
  refusals.push(problem('invalid_request', '`remember` needs one command'));
  await type('a');
  expect(remarks.slice(-2)).toEqual(['`remember` needs one command', choices]);
  await type('y');
  expect(answers.at(-1)).toEqual(['prm_1', { decision: 'allow' }]);
});

function problem(code: string, detail: string): ProblemError {
  return new ProblemError({ type: '', title: '', status: 409, code, detail });
}

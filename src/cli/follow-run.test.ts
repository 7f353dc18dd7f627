import { describe, expect, it } from 'vitest';
import { ProblemError, type DroverClient } from '../client/client.ts';
import type { Event } from '../contracts/events.ts';
import type { Run } from '../contracts/resources.ts';
import { followRun } from './follow-run.ts';

const run = { id: 'run_1', sessionId: 'ses_1' } as Run;
const event = (type: string, data = {}, runId = 'run_1') =>
  ({ seq: 1, prev: 0, runId, type, data }) as unknown as Event;
const ended = (outcome: string) => event('run.ended', { outcome });

/** Follows a run whose events come from `script`, which may press Ctrl-C and see what was asked of the server. */
async function follow(script: (world: World) => AsyncGenerator<Event>, refuse: readonly string[] = []) {
  const asked: string[] = [];
  const shown: string[] = [];
  const remarks: string[] = [];
  let press: () => void = () => undefined;
  const ask = (verb: string) => async (id: string) => {
    asked.push(`${verb} ${id}`);
    if (!refuse.includes(verb)) return run;
    throw new ProblemError({ type: '', title: '', status: 409, code: 'wrong_state', detail: 'It is queued' });
  };
  const world: World = {
    asked,
    async press() {
      press();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const client = {
    interrupt: ask('interrupt'),
    stop: ask('stop'),
    cancel: ask('cancel'),
    async *events(_: string, { signal }: { signal: AbortSignal }) {
      for await (const item of script(world)) {
        if (signal.aborted) return;
        yield item;
      }
    },
  } as unknown as DroverClient;
  const code = await followRun({
    client,
    run,
    after: '3-1',
    io: {
      onSignal(_, handle) {
        press = handle;
        return () => (press = () => shown.push('a signal after the end'));
      },
    },
    show: ({ type }) => shown.push(type),
    remark: (text) => remarks.push(text),
  });
  return { code, asked, shown, remarks };
}

interface World {
  readonly asked: string[];
  readonly press: () => Promise<void>;
}

describe('followRun', () => {
  it.each([
    ['succeeded', 0],
    ['failed', 1],
    ['canceled', 4],
    ['interrupted', 130],
    ['stopped', 143],
  ])('ends with the run: %s is exit code %i', async (outcome, code) => {
    const result = await follow(async function* () {
      yield event('run.started');
      yield event('run.started', {}, 'run_2');
      yield ended(outcome);
    });
    expect(result).toMatchObject({ code, shown: ['run.started', 'run.ended'] });
  });

  it('tells that its session is paused and goes on', async () => {
    const { shown } = await follow(async function* () {
      yield event('session.paused', {}, 'none');
      yield event('session.resumed', {}, 'none');
      yield ended('succeeded');
    });
    expect(shown).toEqual(['session.paused', 'session.resumed', 'run.ended']);
  });

  it('interrupts at the first Ctrl-C, stops at the second, leaves at the third', async () => {
    const { code, asked, remarks } = await follow(async function* ({ press }) {
      for (const _ of [1, 2, 3]) {
        yield event('run.started');
        await press();
      }
      yield event('run.started');
    });
    expect(asked).toEqual(['interrupt run_1', 'stop run_1']);
    expect(code).toBe(130);
    expect(remarks.at(-1)).toBe('Left; the run goes on: drover logs -f run_1');
  });

  it('cancels a run that has not started', async () => {
    const { code, asked } = await follow(
      async function* ({ press }) {
        await press();
        yield ended('canceled');
      },
      ['interrupt'],
    );
    expect([asked, code]).toEqual([['interrupt run_1', 'cancel run_1'], 4]);
  });

  it('says so and goes on where the server refuses', async () => {
    const { code, remarks } = await follow(
      async function* ({ press }) {
        await press();
        yield ended('succeeded');
      },
      ['interrupt', 'cancel'],
    );
    expect([remarks.at(-1), code]).toEqual(['It is queued', 0]);
  });
});

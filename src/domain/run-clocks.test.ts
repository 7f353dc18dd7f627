import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunClocks } from './run-clocks.ts';
import type { ClockLimits, Suspension } from './run-clocks.ts';

const none: ClockLimits = { silenceMs: null, progressMs: null, totalMs: null };
const all: ClockLimits = { silenceMs: 1000, progressMs: 2000, totalMs: 10_000 };
const begin = (limits: Partial<ClockLimits>) => new RunClocks({ limits: { ...none, ...limits }, at: 0 });

type Step =
  | { readonly kind: 'bytes' | 'progress' | 'cpu' }
  | { readonly kind: 'tools'; readonly count: number }
  | { readonly kind: 'suspend' | 'resume'; readonly why: Suspension };
type Timed = Step & { readonly afterMs: number };

function tell(clocks: RunClocks, step: Step, at: number): void {
  if (step.kind === 'tools') clocks.tools(Array<string>(step.count).fill('a tool'), at);
  else if ('why' in step) clocks[step.kind](at, step.why);
  else clocks[step.kind](at);
}

const afterMs = fc.nat(3000);
const why = fc.constantFrom<Suspension>('paused', 'permission');
const life = fc.record({ kind: fc.constantFrom('bytes' as const, 'progress' as const, 'cpu' as const), afterMs });
const toolCalls = fc.record({ kind: fc.constant('tools' as const), count: fc.nat(2), afterMs });
const pauses = fc.record({ kind: fc.constantFrom('suspend' as const, 'resume' as const), why, afterMs });
const steps = fc.array(fc.oneof<fc.Arbitrary<Timed>[]>(life, toolCalls, pauses), { maxLength: 40 });
const limitMs = fc.option(fc.integer({ min: 1, max: 5000 }));
const someLimits = fc.record({ silenceMs: limitMs, progressMs: limitMs, totalMs: limitMs });

describe('each limit alone', () => {
  it.each([
    ['silence', 'inactivity_timeout', { silenceMs: 1000 }],
    ['progress', 'stalled', { progressMs: 1000 }],
    ['total', 'run_timeout', { totalMs: 1000 }],
  ])('of %s ends the run as %s, and not a moment before', (limit, reason, limits) => {
    expect(begin(limits).verdict(999)).toBeNull();
    expect(begin(limits).verdict(1000)).toMatchObject({ limit, reason });
  });

  it.each([
    // What is told all the time, with how many tool calls open, and which limits end the run all the same.
    ['nothing', [], 0, ['silence', 'progress', 'total']],
    ['bytes', ['bytes'], 0, ['progress', 'total']],
    ['CPU', ['cpu'], 0, ['progress', 'total']],
    ['CPU of a tool', ['cpu'], 1, ['total']],
    ['bytes of a tool', ['bytes'], 1, ['progress', 'total']],
    ['progress', ['bytes', 'progress'], 0, ['total']],
  ] as const)('is put off by %s, or is not', (_what, kinds, open, expected) => {
    const ended = (['silence', 'progress', 'total'] as const).filter((limit) => {
      const clocks = begin({ [`${limit}Ms`]: 1000 });
      clocks.tools(Array<string>(open).fill('npm test'), 0);
      for (let at = 100; at <= 5000; at += 100) {
        for (const kind of kinds) clocks[kind](at);
        if (clocks.verdict(at)?.limit === limit) return true;
      }
      return false;
    });
    expect(ended).toEqual(expected);
  });

  it('is the total when several have run out, for then it is of no use to try again', () => {
    expect(new RunClocks({ limits: { ...all, totalMs: 1000 }, at: 0 }).verdict(5000)?.limit).toBe('total');
    expect(begin(all).verdict(5000)?.limit).toBe('silence');
  });
});

describe('the clocks of a run', () => {
  it('go on with the total, and begin afresh with the others, under the next server', () => {
    const clocks = new RunClocks({ limits: all, at: 500, elapsedTotalMs: 9000 });
    expect(clocks.snapshot(600)).toEqual({ silentMs: 100, sinceProgressMs: 100, totalMs: 9100 });
    clocks.bytes(1400);
    expect(clocks.verdict(1500)).toMatchObject({ limit: 'total' });
  });

  it('stand while a permission is awaited, but for the total', () => {
    const clocks = begin(all);
    clocks.suspend(900, 'permission');
    expect(clocks.snapshot(5000)).toEqual({ silentMs: 900, sinceProgressMs: 900, totalMs: 5000 });
    expect(clocks.isQuiet(5000)).toBe(false);
    expect(clocks.nextCheckInMs(5000)).toBe(5000);
    clocks.resume(5000, 'permission');
    expect(clocks.verdict(5099)).toBeNull();
    expect(clocks.verdict(5100)).toMatchObject({ limit: 'silence' });
  });

  it('stand all when paused, in which nothing runs out, not even what had before', () => {
    const clocks = begin(all);
    clocks.suspend(1500, 'paused');
    expect(clocks.verdict(100_000)).toBeNull();
    expect(clocks.nextCheckInMs(100_000)).toBeNull();
    clocks.resume(100_000, 'paused');
    expect(clocks.verdict(100_000)).toMatchObject({ limit: 'silence' });
  });

  it('stand until both are over, when paused and waiting for a permission', () => {
    const clocks = begin(all);
    clocks.suspend(100, 'permission');
    clocks.suspend(200, 'paused');
    clocks.suspend(250, 'paused');
    clocks.resume(300, 'permission');
    expect(clocks.snapshot(400)).toEqual({ silentMs: 100, sinceProgressMs: 100, totalMs: 200 });
    clocks.resume(400, 'paused');
    expect(clocks.snapshot(500)).toEqual({ silentMs: 200, sinceProgressMs: 200, totalMs: 300 });
  });

  it('never go back', () => {
    const clocks = begin(all);
    clocks.bytes(500);
    clocks.progress(300);
    expect(clocks.snapshot(200)).toEqual({ silentMs: 0, sinceProgressMs: 0, totalMs: 500 });
  });

  it('ask for a look at the CPU when a quarter of a limit that it would put off is over', () => {
    const clocks = begin({ progressMs: 2000 });
    expect(clocks.isQuiet(1999)).toBe(false);
    expect(clocks.nextCheckInMs(0)).toBe(2000);
    clocks.tools(['npm test'], 0);
    expect(clocks.nextCheckInMs(0)).toBe(500);
    expect(clocks.isQuiet(499)).toBe(false);
    expect(clocks.isQuiet(500)).toBe(true);
    expect(clocks.nextCheckInMs(500)).toBe(500);
    expect(clocks.nextCheckInMs(1999)).toBe(1);
    expect(clocks.nextCheckInMs(9000)).toBe(0);
  });
});

describe('whatever happens to a run, its clocks', () => {
  it('never count a pause, nor for silence and progress the wait for a permission', () => {
    fc.assert(
      fc.property(steps, fc.nat(9999), (script, elapsedTotalMs) => {
        const clocks = new RunClocks({ limits: none, at: 0, elapsedTotalMs });
        const standing = new Set<Suspension>();
        const expected = { silentMs: 0, sinceProgressMs: 0, totalMs: elapsedTotalMs };
        let [at, open] = [0, 0];
        for (const step of script) {
          if (!standing.has('paused')) expected.totalMs += step.afterMs;
          if (standing.size === 0) expected.silentMs += step.afterMs;
          if (standing.size === 0) expected.sinceProgressMs += step.afterMs;
          at += step.afterMs;
          tell(clocks, step, at);
          if (step.kind === 'tools') open = step.count;
          if (step.kind === 'suspend') standing.add(step.why);
          if (step.kind === 'resume') standing.delete(step.why);
          if (step.kind === 'bytes' || step.kind === 'cpu') expected.silentMs = 0;
          if (step.kind === 'progress' || (step.kind === 'cpu' && open > 0)) expected.sinceProgressMs = 0;
          expect(clocks.snapshot(at)).toEqual(expected);
        }
      }),
    );
  });

  it('give the same verdict with a pause put in anywhere, later by its length', () => {
    const cut = fc.record({ place: fc.nat(40), lengthMs: fc.nat(100_000) });
    fc.assert(
      fc.property(steps, someLimits, cut, afterMs, (script, limits, { place, lengthMs }, lastMs) => {
        const plain = script.filter((step) => !('why' in step && step.why === 'paused'));
        const [straight, paused] = [0, 1].map(() => new RunClocks({ limits, at: 0 })) as [RunClocks, RunClocks];
        let [at, lateMs] = [0, 0];
        for (const [index, step] of plain.entries()) {
          at += step.afterMs;
          tell(straight, step, at);
          tell(paused, step, at + lateMs);
          if (index !== place) continue;
          paused.suspend(at, 'paused');
          lateMs = lengthMs;
          paused.resume(at + lateMs, 'paused');
        }
        at += lastMs;
        expect(paused.snapshot(at + lateMs)).toEqual(straight.snapshot(at));
        expect(paused.verdict(at + lateMs)).toEqual(straight.verdict(at));
        expect(paused.nextCheckInMs(at + lateMs)).toEqual(straight.nextCheckInMs(at));
      }),
    );
  });

  it('never find it hanging where a tool is open and its CPU is seen whenever they ask', () => {
    fc.assert(
      fc.property(someLimits, fc.integer({ min: 1, max: 50 }), (limits, looks) => {
        const clocks = new RunClocks({ limits: { ...limits, totalMs: null }, at: 0 });
        clocks.tools(['make'], 0);
        let at = 0;
        for (let look = 0; look < looks; look += 1) {
          at += clocks.nextCheckInMs(at) ?? 1;
          if (clocks.isQuiet(at)) clocks.cpu(at);
          expect(clocks.verdict(at)).toBeNull();
        }
      }),
    );
  });

  it('end it for no limit that is null', () => {
    fc.assert(
      fc.property(steps, someLimits, afterMs, (script, limits, lastMs) => {
        const clocks = new RunClocks({ limits, at: 0 });
        let at = 0;
        for (const step of script) tell(clocks, step, (at += step.afterMs));
        const limit = clocks.verdict(at + lastMs)?.limit;
        if (limit !== undefined) expect(limits[`${limit}Ms`]).not.toBeNull();
        expect(begin(none).verdict(at)).toBeNull();
      }),
    );
  });

  it('do not run out before the next check, and do at one of the next where nothing happens', () => {
    fc.assert(
      fc.property(steps, someLimits, fc.double({ min: 0, max: 0.99, noNaN: true }), (script, limits, share) => {
        const clocks = new RunClocks({ limits, at: 0 });
        let at = 0;
        for (const step of script) tell(clocks, step, (at += step.afterMs));
        // Twelve: four quarters of each of three limits.
        for (let checks = 0; checks < 12 && clocks.verdict(at) === null; checks += 1) {
          const waitMs = clocks.nextCheckInMs(at);
          if (waitMs === null) {
            expect(clocks.verdict(at + 1e9)).toBeNull();
            return;
          }
          expect(clocks.verdict(at + waitMs * share)).toBeNull();
          at += waitMs;
        }
        expect(clocks.verdict(at)).not.toBeNull();
      }),
    );
  });
});

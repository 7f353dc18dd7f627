import { addUsage, noUsage } from '../contracts/usage.ts';
import type { Event } from '../contracts/events.ts';
import { isWaiting } from './transcript-permissions.ts';
import type { Transcript, TranscriptRun } from './transcript-shape.ts';

type Runs = Transcript['runs'];

/** What one more event changes of runs and their usage; `permissions` are those after it. */
export function applyToRuns(
  { runs, permissions, usage }: Pick<Transcript, 'runs' | 'permissions' | 'usage'>,
  event: Event,
): Partial<Pick<Transcript, 'runs' | 'usage'>> {
  switch (event.type) {
    case 'run.queued':
      return event.runId === undefined
        ? {}
        : { runs: withQueued(runs, queued(event.runId, event.data.prompt, event.at), event.data.mode) };
    case 'run.edited':
      return { runs: changed(runs, event, { prompt: event.data.prompt }) };
    case 'run.moved':
      return { runs: moved(runs, event.runId, event.data.before) };
    case 'run.started':
      return { runs: changed(runs, event, { state: 'running', since: event.at }) };
    case 'attempt.started':
      return { runs: changed(runs, event, { attempts: event.data.number }) };
    case 'run.paused':
      return { runs: changed(runs, event, { state: 'paused', since: event.at }) };
    case 'run.resumed': {
      const state = isWaiting(permissions, event.runId) ? 'awaiting_permission' : 'running';
      return { runs: changed(runs, event, { state, since: event.at }) };
    }
    case 'run.limit_reached':
      return { runs: changed(runs, event, { limitReached: event.data }) };
    case 'run.ended': {
      const { outcome, reason, message, answer, answerSource } = event.data;
      return { runs: changed(runs, event, { state: outcome, since: event.at, reason, message, answer, answerSource }) };
    }
    case 'usage.recorded': {
      const { data } = event;
      const run = runs.find(({ runId }) => runId === event.runId);
      const ofRun = run === undefined ? runs : changed(runs, event, { usage: addUsage(run.usage, data) });
      return { usage: addUsage(usage, data), runs: ofRun };
    }
    case 'permission.requested':
    case 'permission.resolved':
      return { runs: afterPermission(runs, permissions, event) };
    default:
      return {};
  }
}

/** A run waits as long as one of its questions is put to somebody. One that is paused stays so, whatever is asked or answered. */
function afterPermission(runs: Runs, permissions: Transcript['permissions'], event: Event): Runs {
  const run = runs.find(({ runId }) => runId === event.runId);
  const [from, to] = isWaiting(permissions, event.runId)
    ? (['running', 'awaiting_permission'] as const)
    : (['awaiting_permission', 'running'] as const);
  return run?.state === from ? changed(runs, event, { state: to, since: event.at }) : runs;
}

/** One that replaces another waits in front. */
function withQueued(runs: Runs, run: TranscriptRun, mode: 'replace' | undefined): Runs {
  const first = mode === 'replace' ? runs.findIndex(({ state }) => state === 'queued') : -1;
  return first === -1 ? [...runs, run] : runs.toSpliced(first, 0, run);
}

function moved(runs: Runs, id: string | undefined, before: string | null): Runs {
  const run = runs.find(({ runId }) => runId === id);
  if (run === undefined || run.runId === before) return runs;
  const others = runs.filter((one) => one !== run);
  const at = before === null ? -1 : others.findIndex(({ runId }) => runId === before);
  return at === -1 ? [...others, run] : others.toSpliced(at, 0, run);
}

function changed(runs: Runs, { runId }: Pick<Event, 'runId'>, change: Partial<TranscriptRun>): Runs {
  return runs.map((run) => (run.runId === runId ? { ...run, ...change } : run));
}

function queued(runId: string, prompt: string, at: string): TranscriptRun {
  return {
    runId,
    prompt,
    state: 'queued',
    since: at,
    attempts: 0,
    limitReached: null,
    reason: null,
    message: null,
    answer: null,
    answerSource: null,
    usage: noUsage,
  };
}

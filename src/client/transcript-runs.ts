import { addUsage, noUsage } from '../contracts/usage.ts';
import type { Event } from '../contracts/events.ts';
import type { Transcript, TranscriptPermission, TranscriptRun } from './transcript-shape.ts';

type Runs = Partial<Pick<Transcript, 'runs' | 'permissions' | 'usage'>>;

/** What one more event changes of runs, their usage and their permissions. */
export function applyToRuns({ runs, permissions, usage }: Transcript, event: Event): Runs {
  switch (event.type) {
    case 'run.queued':
      return event.runId === undefined ? {} : { runs: [...runs, queued(event.runId, event.data.prompt, event.at)] };
    case 'run.started':
      return { runs: changed(runs, event, { state: 'running', since: event.at }) };
    case 'attempt.started':
      return { runs: changed(runs, event, { attempts: event.data.number }) };
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
    case 'permission.requested': {
      const { permissionId, toolCallId, title, rawInput = null } = event.data;
      const runId = event.runId ?? null;
      const asked = { permissionId, runId, toolCallId, title, rawInput, decision: null, by: null };
      return {
        permissions: [...permissions.filter((one) => one.permissionId !== permissionId), asked],
        runs: changed(runs, event, { state: 'awaiting_permission', since: event.at }),
      };
    }
    case 'permission.resolved': {
      const { permissionId, decision, by } = event.data;
      const resolved = permissions.map((one) => (one.permissionId === permissionId ? { ...one, decision, by } : one));
      return { permissions: resolved, runs: afterPermission(runs, resolved, event) };
    }
    default:
      return {};
  }
}

/** A run goes on when none of its questions is open any more. */
function afterPermission(runs: Transcript['runs'], permissions: readonly TranscriptPermission[], event: Event) {
  const run = runs.find(({ runId }) => runId === event.runId);
  const isOpen = permissions.some(({ runId, decision }) => decision === null && runId === event.runId);
  return run?.state !== 'awaiting_permission' || isOpen
    ? runs
    : changed(runs, event, { state: 'running', since: event.at });
}

function changed(
  runs: Transcript['runs'],
  { runId }: Pick<Event, 'runId'>,
  change: Partial<TranscriptRun>,
): Transcript['runs'] {
  return runs.map((run) => (run.runId === runId ? { ...run, ...change } : run));
}

function queued(runId: string, prompt: string, at: string): TranscriptRun {
  return {
    runId,
    prompt,
    state: 'queued',
    since: at,
    attempts: 0,
    reason: null,
    message: null,
    answer: null,
    answerSource: null,
    usage: noUsage,
  };
}

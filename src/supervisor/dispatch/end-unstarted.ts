import type { Conclusion } from '../../agents/driver.ts';
import { moveRun } from '../../domain/run-states.ts';
import { toTimestamp } from '../../kernel/clock.ts';
import type { RunRow } from '../../store/rows.ts';
import type { Parts } from '../parts.ts';

/** Ends a run that has no process: it was not attempted, or nobody knows of its process any more. */
export async function endUnstarted(
  parts: Pick<Parts, 'log' | 'clock'>,
  run: RunRow,
  conclusion: Omit<Conclusion, 'outcome'> & { readonly outcome: 'failed' | 'canceled' },
): Promise<void> {
  const at = toTimestamp(parts.clock);
  const { outcome, reason, message, answer, answerSource } = conclusion;
  const state = moveRun(run.state, outcome);
  await parts.log.append({
    sessionId: run.sessionId,
    isDurable: true,
    events: [{ type: 'run.ended', data: { outcome, reason, message, answer, answerSource }, runId: run.id }],
    writes: [
      {
        table: 'runs',
        id: run.id,
        patch: { state, since: at, endedAt: at, requestedVerb: null, reason, message, answer, answerSource },
      },
    ],
  });
}

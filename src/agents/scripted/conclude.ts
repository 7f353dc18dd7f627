import type { Conclusion, ExitEvidence } from '../driver.ts';
import type { State } from './state.ts';
import { classify } from './classify.ts';
import { lastAnswer } from './state.ts';

/** What to make of a process that has gone while its turn was open. Pure. */
export function conclude(state: State, exit: ExitEvidence): Conclusion {
  return { outcome: 'failed', reason: classify(exit), message: describe(exit), ...lastAnswer(state) };
}

function describe({ code, signal }: ExitEvidence): string {
  if (signal !== null) return `The scripted agent was ended by ${signal} in the middle of its turn. Run it again.`;
  if (code === 0)
    return 'The scripted agent exited with code 0 and did not say how its turn ended. Look at its script.';
  if (code === null) return 'The scripted agent is gone in the middle of its turn, nobody knows how. Run it again.';
  return `The scripted agent exited with code ${code} in the middle of its turn. Look at its script and its diagnostics.`;
}

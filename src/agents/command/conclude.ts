import type { Conclusion, ExitEvidence, LastWords } from '../driver.ts';
import type { State } from './state.ts';
import { completion } from './translate.ts';

/** How the program ended is all that there is to go by: it has no words for how its turn ended. Pure. */
export function conclude(state: State, { code, signal }: ExitEvidence): LastWords {
  const answer = (state.text === '' ? state.last : state.text).trimEnd();
  const said: Pick<Conclusion, 'answer' | 'answerSource'> =
    answer === '' ? { answer, answerSource: 'none' } : { answer, answerSource: 'message' };
  const events = state.text === '' ? [] : [completion(state)];
  if (code === 0 && signal === null) return { outcome: 'succeeded', reason: null, message: null, ...said, events };
  const how =
    signal === null
      ? code === null
        ? 'is gone, nobody knows how'
        : `exited with code ${code}`
      : `was ended by ${signal}`;
  return { outcome: 'failed', reason: 'agent_crashed', message: `The command ${how}`, ...said, events };
}

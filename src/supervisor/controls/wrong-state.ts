import type { RunVerb } from '../../contracts/run-state.ts';
import { possibleVerbs } from '../../domain/run-states.ts';
import { AppError } from '../../kernel/app-error.ts';
import type { RunRow } from '../../store/rows.ts';

/** The refusal of a verb: it names the verb, the state, and what would be possible. */
export function wrongState(row: Pick<RunRow, 'id' | 'state' | 'requestedVerb'>, verb: string): AppError {
  const possible: readonly RunVerb[] = possibleVerbs(row);
  const pending = row.requestedVerb === null ? '' : ` and was asked to ${row.requestedVerb}`;
  const wayOut = possible.length === 0 ? 'it has ended' : `possible now: ${possible.join(', ')}`;
  return new AppError('wrong_state', `Cannot ${verb} the run "${row.id}", which is ${row.state}${pending}; ${wayOut}`, {
    verb,
    state: row.state,
    possible,
  });
}

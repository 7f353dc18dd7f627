import type { FailureReason } from '../../contracts/failure-reason.ts';
import type { ExitEvidence } from '../driver.ts';

/** Why a turn failed whose process has gone without a terminal event. Exit code 0 alone proves nothing. */
export function classify({ code }: ExitEvidence): FailureReason {
  return code === 0 ? 'no_terminal_event' : 'agent_crashed';
}

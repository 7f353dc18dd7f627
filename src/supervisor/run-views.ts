import type { LiveRun } from '../contracts/resources.ts';
import type { Session } from '../contracts/resources.ts';
import { isEnd } from '../domain/run-states.ts';
import { isFrozen } from '../holder/tree-freeze.ts';
import type { RunSummaryRow, SessionRow } from '../store/rows.ts';
import type { Execution } from './execution.ts';
import { presentPolicy } from './permissions/policy-levels.ts';
import type { RunView } from './present.ts';
import type { Profiles } from './profiles.ts';
import type { SupervisedProcess } from './process/supervised-process.ts';

/** A run as it is seen at this moment: what its row cannot know. */
export function viewRun(
  { dispatcher, processOf }: Pick<Execution, 'dispatcher' | 'processOf'>,
  profiles: Profiles,
  session: SessionRow,
  row: RunSummaryRow,
): RunView {
  const profile = profiles.get(session.profile);
  const isOver = isEnd(row.state);
  const process = isOver ? undefined : processOf(session.id);
  const own = process?.turn?.run.id === row.id ? process : undefined;
  // The session as it is at work: what was just changed holds already.
  const policy =
    profile === undefined
      ? { isAllowAll: false, rules: [] }
      : presentPolicy(profile, own?.session ?? session, row, own?.conversation.isAllowedAll);
  const pending = own?.conversation.questions.pending.map(({ id }) => id) ?? [];
  const place = row.state === 'queued' ? dispatcher.waiting(session.id).findIndex(({ run }) => run.id === row.id) : -1;
  return {
    profile: session.profile,
    queuePosition: place === -1 ? null : place + 1,
    permissions: { ...policy, pending },
    live: own === undefined ? null : liveOf(own),
    evidence: isOver ? endOf(row) : row.state === 'queued' ? dispatcher.whyWaiting(row.id) : evidenceOf(own),
  };
}

/** The process that a session has, as it is seen at this moment. */
export function viewProcess({ processOf }: Pick<Execution, 'processOf'>, { id }: SessionRow): Session['process'] {
  const process = processOf(id);
  return process === undefined ? null : { id: process.id, ...process.status };
}

function liveOf(process: SupervisedProcess): LiveRun | null {
  const { identity } = process;
  return identity === null ? null : process.health.live(identity);
}

function evidenceOf(process: SupervisedProcess | undefined): string {
  if (process === undefined) return 'its process is being taken up';
  const { identity, turn } = process;
  if (identity === null || turn === null) return 'its process is being started';
  const asked = turn.run.requestedVerb === null ? '' : `, asked to ${turn.run.requestedVerb}`;
  const alive = `agent ${identity.agent.pid} lives under holder ${identity.holder.pid}`;
  switch (turn.run.state) {
    case 'paused':
      return isFrozen(identity)
        ? `${alive}, and nothing of its tree runs${asked}`
        : `${alive}, and is being frozen again`;
    case 'awaiting_permission': {
      const [first] = process.conversation.questions.pending;
      return first === undefined ? alive : `${alive}, and waits until ${first.deadlineAt} to be told: ${first.title}`;
    }
    default:
      return `${alive}, and its turn is open${asked}`;
  }
}

function endOf({ state, reason, message }: RunSummaryRow): string {
  if (message !== null) return message;
  if (state === 'succeeded') return 'the agent said that its turn ended well';
  return reason ?? state;
}

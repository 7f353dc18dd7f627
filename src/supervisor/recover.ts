import { mkdir } from 'node:fs/promises';
import { readIdentity } from '../holder/identity.ts';
import type { ProcessRow } from '../store/rows.ts';
import type { Parts } from './parts.ts';
import { findProfile, locateAgent } from './profiles.ts';
import type { AttemptHooks } from './start-attempt.ts';
import { launchOf } from './start-attempt.ts';
import { SupervisedProcess } from './supervised-process.ts';
import { Turn } from './turn.ts';

/** After this the server is there for its users; what is not adopted yet goes on in the background. */
const budgetMs = 10_000;

/**
 * Takes up every process whose end is not recorded: a living one is adopted, one that ended meanwhile is read to its end, one whose
 * holder was never spawned is started. One that cannot be taken up is logged and does not keep the others waiting.
 */
export async function recoverProcesses(parts: Parts, hooks: AttemptHooks): Promise<void> {
  const rows = await parts.store.openProcesses();
  const all = Promise.all(
    rows.map((row) =>
      recoverProcess(parts, hooks, row).catch((error: unknown) =>
        parts.logger.error({ err: error, processId: row.id }, 'Could not take up a process'),
      ),
    ),
  );
  const budget = new AbortController();
  await Promise.race([all, parts.clock.sleep(budgetMs, budget.signal)]);
  budget.abort();
}

async function recoverProcess(parts: Parts, hooks: AttemptHooks, row: ProcessRow): Promise<void> {
  const { store } = parts;
  const session = await store.session(row.sessionId);
  if (session === null) throw new Error(`Process ${row.id} has no session`);
  const profile = findProfile(hooks.profiles, session.profile);
  const process = new SupervisedProcess({
    parts,
    row,
    session,
    profile,
    turn: await openTurn(parts, row),
    onExited: hooks.onExited,
  });
  await mkdir(process.files.directory, { recursive: true, mode: 0o700 });
  hooks.onLive(process);
  process.restoreMessages(await store.stdinMessages(row.id));
  if (row.state === 'running' || readIdentity(process.files.directory) !== null) {
    process.follow();
    return;
  }
  const located = locateAgent(profile, parts.host);
  if (located.path === null) await process.abandon({ errno: 'ENOENT', stage: 'locate' });
  else await process.launch(launchOf(parts, profile, session, located.path), []);
}

async function openTurn({ store }: Pick<Parts, 'store'>, row: ProcessRow): Promise<Turn | null> {
  if (row.openRunId === null) return null;
  const run = await store.run(row.openRunId);
  const attempts = await store.attempts(row.openRunId);
  const attempt = attempts.find((one) => one.id === row.openAttemptId);
  if (run === null || attempt === undefined) throw new Error(`Process ${row.id} has an open turn without a run`);
  return new Turn(run, attempt);
}

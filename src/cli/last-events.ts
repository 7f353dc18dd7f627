import type { DroverClient, Event } from '../client/client.ts';

export interface LastEvents {
  readonly events: readonly Event[];
  /** The place behind them, where a stream goes on. */
  readonly cursor: string;
}

/** The last events of a session, or of one of its runs; read from the end, so that a long session is as quick as a short one. */
export async function readLastEvents(
  client: Pick<DroverClient, 'eventPage'>,
  sessionId: string,
  { count, runId }: { readonly count: number; readonly runId?: string | undefined },
): Promise<LastEvents> {
  const limit = runId === undefined ? Math.min(count, maxPage) : maxPage;
  let found: Event[] = [];
  let cursor: string | undefined;
  for (let before: string | undefined = 'end'; before !== undefined;) {
    const page = await client.eventPage(sessionId, { before, limit });
    cursor ??= page.cursor;
    found = [...page.events.filter((event) => runId === undefined || event.runId === runId), ...found];
    const isWholeRun = runId !== undefined && found[0]?.type === 'run.queued';
    const isEnough = found.length >= count || isWholeRun || page.hasEarlier !== true;
    before = isEnough ? undefined : page.start;
  }
  return { events: found.slice(-count), cursor: cursor ?? '0' };
}

/** What a server gives at once. */
const maxPage = 1_000;

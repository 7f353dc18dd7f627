import type { BenchServer } from './server/bench-server.ts';
import type { Orders } from './agent/orders.ts';

/** Opens so many sessions, in one workspace. */
export async function openSessions(server: BenchServer, count: number): Promise<string[]> {
  const workspace = server.workspace();
  return await Promise.all(Array.from({ length: count }, () => server.session({ workspace })));
}

/** A run in each of them, all at once; their ids. */
export async function startRuns(
  server: BenchServer,
  sessionIds: readonly string[],
  orders: Orders,
): Promise<readonly string[]> {
  return await Promise.all(sessionIds.map((sessionId) => server.run(sessionId, orders)));
}

import type { BenchServer } from './server/bench-server.ts';
import type { Delivered } from './readers/protocol.ts';
import type { Gate } from './agent/gate.ts';
import type { Orders } from './agent/orders.ts';
import type { Readers } from './readers/readers.ts';
import type { Relay } from './relay/relay.ts';
import { nsPerSecond } from './machine/monotonic.ts';

export interface Delivery {
  readonly orders: Orders & { readonly lines: number };
  readonly readers: Readers;
  /** How many read. */
  readonly count: number;
}

/** One agent's deltas through Drover to readers that were connected before its run began. */
export async function deliverByDrover(
  server: BenchServer,
  { orders, readers, count }: Delivery,
  { endGate, onCounted }: DroverDelivery,
): Promise<Delivered> {
  const sessionId = await server.session();
  const reading = await readers.open({
    urls: [server.eventsUrl(sessionId)],
    headers: server.requests.headers,
    readersPerUrl: count,
    dialect: 'drover',
    counted: 'agent_message_chunk',
    expected: orders.lines,
    isStamped: orders.isStamped === true,
  });
  const runId = await server.run(sessionId, { ...orders, endGate });
  await reading.counted.catch(async (error: unknown) => {
    const { state, message } = await server.runNow(runId);
    throw new Error(`${String(error)}; the run is ${state}: ${message ?? 'no more is said'}`, { cause: error });
  });
  onCounted?.();
  endGate.open();
  return await reading.ended;
}

export interface DroverDelivery {
  /** Where the agent waits until every reader has every delta: those that are behind would find them replaced by the whole. */
  readonly endGate: Gate;
  /** Called when every reader has all and is still connected. */
  readonly onCounted?: () => void;
}

/** The same through a bare relay. */
export async function deliverByRelay(relay: Relay, { orders, readers, count }: Delivery): Promise<Delivered> {
  const reading = await readers.open({
    urls: [relay.url],
    headers: {},
    readersPerUrl: count,
    dialect: 'relay',
    counted: 'text',
    expected: orders.lines,
    isStamped: orders.isStamped === true,
  });
  await relay.run(orders);
  return await reading.ended;
}

/** Deliveries per second, from the first to the last. */
export function rateOf({ deliveries, firstNs, lastNs }: Delivered): number {
  return deliveries / ((lastNs - firstNs) / nsPerSecond);
}

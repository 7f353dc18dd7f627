import { createAuthenticate } from './access/authenticate.ts';
import { ensureToken, tokenPath } from './access/token-file.ts';
import { claudeDriver } from './agents/claude/driver.ts';
import { commandDriver } from './agents/command/driver.ts';
import type { Driver } from './agents/driver.ts';
import { createRegistry } from './agents/registry.ts';
import { scriptedDriver } from './agents/scripted/driver.ts';
import type { Config } from './config/config.ts';
import { holderBinary } from './holder/build-holder.ts';
import { cgroupRoot } from './holder/cgroup-root.ts';
import { bootId } from './holder/identity.ts';
import { probe } from './holder/probe.ts';
import { systemClock, toTimestamp } from './kernel/clock.ts';
import { createIds } from './kernel/ids.ts';
import { createLogger } from './kernel/logger.ts';
import { createEventLog } from './log/create-event-log.ts';
import { lockDataDirectory } from './store/data-directory/lock-data-directory.ts';
import { openSqliteStore } from './store/sqlite/open-store.ts';
import { createSupervisor } from './supervisor/create-supervisor.ts';
import { createRetention } from './supervisor/logs/retention.ts';

/** Every driver there is: the one place that names them. */
export function createDrivers(): ReadonlyMap<string, Driver> {
  return createRegistry([claudeDriver, commandDriver, scriptedDriver]);
}

export interface Daemon {
  /** Where it listens, such as `http://127.0.0.1:4870`. */
  readonly url: string;
  /** The file that holds the bearer token of the local user. */
  readonly tokenFile: string;
  /** Closes the door and leaves; agents go on, and the next server takes them up. */
  stop(): Promise<void>;
}

/** The composition root: makes the parts, starts them from the ground up, and stops them in the opposite order. */
export async function startDaemon(config: Config): Promise<Daemon> {
  const clock = systemClock;
  const newId = createIds(clock);
  const logger = createLogger({ level: config.logLevel });
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const undo of stops.splice(0).reverse()) await undo();
  };
  try {
    const lock = lockDataDirectory(config.dataDir, { pid: process.pid, startedAt: toTimestamp(clock) });
    stops.push(async () => lock.release());
    const store = await openSqliteStore({ directory: config.dataDir, clock, newId, logger, bootId: bootId() });
    stops.push(() => store.close());
    const log = createEventLog({ store, clock, logger });
    stops.push(() => log.close());
    await ensureToken({ directory: config.dataDir, store, clock, logger });
    const binary = await holderBinary();
    // The holder is asked in a process of its own; meanwhile this one loads what it needs last and what is largest: 30 ms of a start.
    const [probed, { createHttpServer }] = await Promise.all([
      probe(binary, config.dataDir),
      import('./api/http/server.ts'),
    ]);
    const parts = {
      config,
      store,
      log,
      clock,
      newId,
      logger,
      drivers: createDrivers(),
      host: { env: process.env },
      holderBinary: binary,
      cgroupRoot: cgroupRoot(probed),
    };
    const supervisor = createSupervisor(parts);
    stops.push(() => supervisor.stop());
    await supervisor.start();
    const http = createHttpServer({ supervisor, log, authenticate: createAuthenticate(store), logger, clock, config });
    const url = await http.start();
    stops.push(() => http.stop());
    lock.describe({ url });
    logger.info({ url, dataDir: config.dataDir }, 'Ready');
    const retention = createRetention(parts);
    stops.push(() => retention.stop());
    await retention.start();
    return { url, tokenFile: tokenPath(config.dataDir), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Driver } from '../agents/driver.ts';
import { commandDriver } from '../agents/command/driver.ts';
import { scriptedDriver } from '../agents/scripted/driver.ts';
import type { Step } from '../agents/scripted/script.ts';
import { script } from '../agents/scripted/script.ts';
import type { z } from 'zod';
import { Config } from '../config/config.ts';
import type { Event } from '../contracts/events.ts';
import type { ProcessId, RunId, SessionId } from '../contracts/ids.ts';
import type { Run } from '../contracts/resources.ts';
import { holderBinary } from '../holder/build-holder.ts';
import { stop } from '../holder/control.ts';
import type { Identity } from '../holder/identity.ts';
import { bootId, isAlive, readIdentity } from '../holder/identity.ts';
import { sealLogs } from '../holder/seal.ts';
import type { Clock } from '../kernel/clock.ts';
import { systemClock } from '../kernel/clock.ts';
import { createIds } from '../kernel/ids.ts';
import { silentLogger } from '../kernel/logger.ts';
import { createEventLog } from '../log/create-event-log.ts';
import { openSqliteStore } from '../store/sqlite/open-store.ts';
import type { Store } from '../store/store.ts';
import { createSupervisor } from './create-supervisor.ts';
import type { Supervisor } from './supervisor.ts';

/** A clock whose timers come twenty times as early: retries that take seconds in life. */
const hastyClock: Clock = {
  ...systemClock,
  setTimer: (delayMs, fire) => systemClock.setTimer(delayMs / 20, fire),
};

export interface UnderTestOptions {
  /** In place of the scripted driver, or parts of it. */
  readonly driver?: { readonly [Key in keyof Driver]?: Driver[Key] | undefined };
  /** Between the log and the real store. */
  readonly store?: (store: Store) => Store;
  /** @default the hasty one */
  readonly clock?: Clock;
  readonly holderBinary?: string;
  readonly profiles?: Config['profiles'];
  readonly config?: Partial<z.input<typeof Config>>;
}

/** A supervisor on a real store, log and holder, in this process; its agents are real processes. */
export class SupervisorUnderTest {
  readonly directory = mkdtempSync(join(tmpdir(), 'drover-supervisor-'));
  readonly dataDir = mkdtempSync(join(this.directory, 'data-'));
  readonly #stops: (() => Promise<void>)[] = [];
  supervisor!: Supervisor;
  store!: Store;
  log!: ReturnType<typeof createEventLog>;

  /** A new server on the same data; the one before must be stopped. */
  async start(options: UnderTestOptions = {}): Promise<void> {
    const newId = createIds(systemClock);
    const logger = silentLogger;
    const drivers = new Map([
      ['scripted', { ...(scriptedDriver as Driver), ...options.driver } as Driver],
      ['command', commandDriver],
    ]);
    const real = await openSqliteStore({
      directory: this.dataDir,
      clock: systemClock,
      newId,
      logger,
      bootId: bootId(),
    });
    const store = options.store?.(real) ?? real;
    const log = createEventLog({ store, clock: systemClock, logger });
    const config = Config.parse({
      dataDir: this.dataDir,
      stopGraceMs: 300,
      // Most tests wait for the end of a process.
      warm: { maxProcesses: 0 },
      ...options.config,
      profiles: options.profiles ?? { scripted: { driver: 'scripted' } },
    });
    const { clock = hastyClock } = options;
    const parts = { config, store, log, clock, newId, logger, drivers, host: { env: process.env } };
    const binary = options.holderBinary ?? (await holderBinary());
    this.supervisor = createSupervisor({ ...parts, holderBinary: binary, cgroupRoot: null });
    this.store = real;
    this.log = log;
    this.#stops.push(
      () => this.supervisor.stop(),
      () => log.close(),
      () => real.close(),
    );
    await this.supervisor.start();
  }

  /** A new directory to work in. */
  workspace(): string {
    return mkdtempSync(join(this.directory, 'workspace-'));
  }

  async stop(): Promise<void> {
    for (const stopOne of this.#stops.splice(0)) await stopOne();
  }

  async run(...steps: Step[]): Promise<{ sessionId: SessionId; runId: RunId }> {
    const owner = await this.store.localOwner();
    const workspace = { path: this.workspace() };
    const session = await this.supervisor.createSession(owner, { profile: 'scripted', workspace });
    return { sessionId: session.id, runId: await this.runIn(session.id, ...steps) };
  }

  async runIn(sessionId: SessionId, ...steps: Step[]): Promise<RunId> {
    const owner = await this.store.localOwner();
    return (await this.supervisor.createRun(owner, sessionId, { prompt: script(...steps) })).run.id;
  }

  async find(runId: RunId): Promise<Run> {
    return await this.supervisor.run(await this.store.localOwner(), runId);
  }

  /** The session's events up to the first that is the one. */
  async until(sessionId: SessionId, isLast: (event: Event) => boolean): Promise<Event[]> {
    const leave = new AbortController();
    const events: Event[] = [];
    for await (const batch of this.log.subscribe(sessionId, 0, leave.signal)) {
      for (const { json } of batch.events) {
        events.push(JSON.parse(json) as Event);
        if (events.some(isLast)) leave.abort();
      }
    }
    return events;
  }

  /** The run as it has ended. */
  async untilEnded(runId: RunId): Promise<Run> {
    const { sessionId } = await this.find(runId);
    await this.until(sessionId, (event) => event.type === 'run.ended' && event.runId === runId);
    return await this.find(runId);
  }

  /** The session's process, which has no turn and waits for one. */
  async untilWarm(sessionId: SessionId): Promise<ProcessId> {
    const owner = await this.store.localOwner();
    for (;;) {
      const { process } = await this.supervisor.session(owner, sessionId);
      if (process?.state === 'warm') return process.id;
      await systemClock.sleep(10);
    }
  }

  /** Of a process that has started. */
  identity(id: ProcessId): Identity {
    const identity = readIdentity(this.processDirectory(id));
    if (identity === null) throw new Error(`The process ${id} has not started`);
    return identity;
  }

  processDirectory(id: string): string {
    return join(this.dataDir, 'processes', id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    const binary = await holderBinary();
    for (const name of namesIn(join(this.dataDir, 'processes'))) {
      const directory = this.processDirectory(name);
      const identity = readIdentity(directory);
      while (identity !== null && isAlive(identity.holder, identity.boot)) {
        stop(directory, 0);
        await systemClock.sleep(10);
      }
      await sealLogs(binary, directory).catch(() => undefined);
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

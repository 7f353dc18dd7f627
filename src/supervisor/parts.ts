import type { Driver, Host } from '../agents/driver.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../kernel/clock.ts';
import type { NewId } from '../kernel/ids.ts';
import type { Logger } from '../kernel/logger.ts';
import type { EventLog } from '../log/event-log.ts';
import type { Store } from '../store/store.ts';

/** All that the supervisor is made of; each piece takes what it needs of it by `Pick`. */
export interface Parts {
  readonly config: Config;
  readonly store: Store;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  /** By name. */
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly host: Host;
  /** Absolute path of the holder's binary. */
  readonly holderBinary: string;
  /** Below which each process gets a cgroup of its own; null where this machine has none to give. */
  readonly cgroupRoot: string | null;
}

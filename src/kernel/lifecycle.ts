/** Something that is started once and stopped once, however often it is asked; stop before start is fine. */
export interface Lifecycle {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes a plain pair of functions idempotent: concurrent callers share one start and one stop. */
export function onceOnly(parts: { start: () => Promise<void> | void; stop: () => Promise<void> | void }): Lifecycle {
  let starting: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;
  return {
    start: () => (starting ??= stopping ?? Promise.resolve(parts.start())),
    stop: () =>
      (stopping ??= starting === undefined ? Promise.resolve() : starting.catch(() => undefined).then(parts.stop)),
  };
}

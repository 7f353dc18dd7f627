/** Waits for the promise, unless the turn is interrupted before. */
export async function interruptible<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  const interruption = Promise.withResolvers<never>();
  const leave = (): void => interruption.reject(signal.reason as Error);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([promise, interruption.promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await interruptible(elapsed, signal).finally(() => clearTimeout(timer));
}

/** Lets signals and stdin be heard in the middle of much work. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}

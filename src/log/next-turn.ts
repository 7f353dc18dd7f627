/** Lets everything that is waiting for the event loop (sockets, files, timers) have its turn first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

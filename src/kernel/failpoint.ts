/** Where a test may have the server die, named after what has just happened. */
export type Failpoint =
  | 'attempt-committed'
  | 'holder-spawned'
  | 'start-recorded'
  | 'message-half-written'
  | 'verb-recorded'
  | 'verb-proven'
  | 'output-read'
  | 'output-committed'
  | 'end-found'
  | 'end-recorded'
  | 'frame-written'
  | 'frame-sealed'
  | 'log-punched';

const chosen = process.env['DROVER_FAILPOINT'];

/**
 * Dies on the spot, as by `kill -9`, where `DROVER_FAILPOINT` names this point (`<name>`, or `<name>:<n>` for the n-th time):
 * the moments in which a crash is hardest to survive are too short to be hit from outside. Costs one comparison otherwise.
 */
export function failpoint(name: Failpoint): void {
  if (chosen === undefined) return;
  const [wanted, count = '1'] = chosen.split(':');
  if (wanted !== name) return;
  passed += 1;
  if (passed >= Number(count)) process.kill(process.pid, 'SIGKILL');
}

/** Whether the server is to die at this point at all: for what is worth doing only then. */
export function hasFailpoint(name: Failpoint): boolean {
  return chosen?.split(':')[0] === name;
}

let passed = 0;

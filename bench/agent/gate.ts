import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const openFile = 'open';

/** A directory at which emitters wait: each makes a file there, and goes on when there is one called `open`. */
export class Gate {
  readonly directory: string;

  constructor(parent: string) {
    this.directory = mkdtempSync(join(parent, 'gate-'));
  }

  /** How many have come so far. */
  get arrived(): number {
    return readdirSync(this.directory).filter((name) => name !== openFile).length;
  }

  /** Resolves when so many are there; rejects when they have not come in time. */
  async reachedBy(count: number, timeoutMs = 120_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (this.arrived < count) {
      if (performance.now() > deadline)
        throw new Error(`${this.arrived} of ${count} agents came within ${timeoutMs} ms`);
      await sleep(20);
    }
  }

  open(): void {
    writeFileSync(join(this.directory, openFile), '');
  }
}

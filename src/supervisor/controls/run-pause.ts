import type { Identity } from '../../holder/identity.ts';
import { isFrozen } from '../../holder/tree-freeze.ts';
import { toTimestamp } from '../../kernel/clock.ts';
import { failpoint } from '../../kernel/failpoint.ts';
import type { Parts } from '../parts.ts';
import type { Deadlines } from '../permissions/deadlines.ts';
import type { Controlled } from './run-controls.ts';
import { TreePause } from './tree-pause.ts';
import type { Turn } from '../process/turn.ts';

/** Looking whether a tree still stands costs something where it has no cgroup. */
const lookEveryMs = 5_000;

/** The pausing of a run: its tree stands still or moves, and what is proven of that is recorded. */
export class RunPause {
  readonly #parts: Pick<Parts, 'clock' | 'logger'>;
  readonly #process: Controlled;
  readonly #deadlines: Deadlines;
  readonly #tree: TreePause;
  /** The storing of what was proven last. */
  #recorded: Promise<void> = Promise.resolve();
  #lookedAt = -Infinity;

  constructor(parts: Pick<Parts, 'clock' | 'logger'>, process: Controlled, deadlines: Deadlines) {
    this.#parts = parts;
    this.#process = process;
    this.#deadlines = deadlines;
    this.#tree = new TreePause({ ...parts, directory: process.directory });
  }

  /** A process is taken up: its tree is to be as its turn says. A server may have died, or let go of it, before it could say so. */
  adopt(turn: Turn | null, identity: Identity): void {
    if (turn?.run.state === 'paused') this.#deadlines.suspend();
    const isWanted = turn !== null && (turn.run.state === 'paused' || turn.run.requestedVerb === 'pause');
    if (!isWanted && isFrozen(identity)) void this.#tree.thaw(identity);
  }

  /** Has the tree frozen or thawed, and records it when that is proven. */
  async settle(turn: Turn, verb: 'pause' | 'resume', identity: Identity): Promise<void> {
    const { conversation } = this.#process;
    // It may have ended while the verb was on its way to the disk.
    if (conversation.turn !== turn) return;
    const evidence = verb === 'pause' ? await this.#tree.freeze(identity) : null;
    const isProven = verb === 'pause' ? evidence !== null : await this.#tree.thaw(identity);
    if (this.#process.isDetached()) return;
    // Somebody else waited for the same, or its last words ended the turn.
    if (conversation.turn !== turn || turn.run.requestedVerb !== verb) return this.#recorded;
    if (!isProven) return;
    failpoint('verb-proven');
    this.#recorded = evidence === null ? this.#recordResume(turn) : this.#recordPause(turn, evidence);
    await this.#recorded;
  }

  /** Does again what could not be proven, and undoes what others did. */
  repeat(turn: Turn, identity: Identity): void {
    const { state, requestedVerb } = turn.run;
    if (requestedVerb === 'pause' || requestedVerb === 'resume') {
      void this.settle(turn, requestedVerb, identity).catch((error: unknown) => this.#process.lose(error));
    } else if (state === 'paused' && this.#isTimeToLook() && !isFrozen(identity)) {
      void this.#tree.freeze(identity);
    }
  }

  /** The turn has ended: whoever has the process now needs it to move. */
  turnEnded(identity: Identity | null): void {
    if (this.#tree.isWanted && identity !== null) void this.#tree.thaw(identity);
  }

  #isTimeToLook(): boolean {
    const now = this.#parts.clock.monotonic();
    if (now - this.#lookedAt < lookEveryMs) return false;
    this.#lookedAt = now;
    return true;
  }

  async #recordPause(turn: Turn, evidence: string): Promise<void> {
    this.#deadlines.suspend();
    const { events, writes } = turn.pause(evidence, toTimestamp(this.#parts.clock));
    await this.#process.append(events, writes);
  }

  async #recordResume(turn: Turn): Promise<void> {
    const { conversation } = this.#process;
    const later = conversation.questions.postpone(this.#deadlines.resume());
    const deadlines = conversation.questions.pending.map(({ id, deadlineAt }) => ({ permissionId: id, deadlineAt }));
    const { events, writes } = turn.resume(conversation.unfrozenState, toTimestamp(this.#parts.clock), deadlines);
    await this.#process.append(events, [...writes, ...later]);
  }
}

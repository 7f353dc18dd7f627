import type { DroverClient } from '../client/client.ts';
import { ProblemError } from '../client/client.ts';
import type { Event } from '../contracts/events.ts';
import type { AnswerPermission } from '../contracts/permission.ts';
import type { Io } from './io.ts';
import { describeAlways, describePermission } from './output/describe-permission.ts';

export interface TerminalQuestionsOptions {
  readonly client: Pick<DroverClient, 'permission' | 'answerPermission'>;
  readonly io: Pick<Io, 'clock' | 'onLine'>;
  /** Tells the user something on a line of its own. */
  readonly remark: (text: string) => void;
  /** Shows a line of what is asked for. */
  readonly ask: (text: string) => void;
}

/**
 * Puts what an agent asks for to whoever sits at the terminal, one question after the other. The first answer counts, wherever it is
 * given. As long as nothing is asked nothing is read, so that a program in the background is not stopped for reading.
 */
export class TerminalQuestions {
  readonly #options: TerminalQuestionsOptions;
  /** What waits for an answer, the first of them being asked. */
  #waiting: readonly string[] = [];
  /** What is on the screen, since when. */
  #asked: { readonly id: string; readonly at: number; readonly stopReading: () => void } | null = null;
  #choices = '';
  /** What the user has answered, while that is on its way. */
  #answering: string | null = null;

  constructor(options: TerminalQuestionsOptions) {
    this.#options = options;
  }

  /** Call with every event of the run, after it was shown. */
  take(event: Event): void {
    if (event.type === 'permission.requested' && event.data.deadlineAt !== undefined) this.add(event.data.permissionId);
    if (event.type !== 'permission.resolved') return;
    const { permissionId, by } = event.data;
    const isOther = this.#asked?.id === permissionId && this.#answering !== permissionId && by === 'user';
    if (isOther) this.#options.remark('Somebody else has answered');
    this.#settle(permissionId);
  }

  add(id: string): void {
    if (this.#waiting.includes(id)) return;
    this.#waiting = [...this.#waiting, id];
    if (this.#waiting.length === 1) void this.#askNext();
  }

  /** Asks nothing more. */
  close(): void {
    this.#waiting = [];
    this.#takeDown();
  }

  async #askNext(): Promise<void> {
    const [id] = this.#waiting;
    if (id === undefined) return;
    const { client, io, remark, ask } = this.#options;
    try {
      const permission = await client.permission(id);
      if (this.#waiting[0] !== id) return;
      // An old question, told again.
      if (permission.decision !== null) {
        this.#settle(id);
        return;
      }
      for (const line of describePermission(permission)) ask(line);
      this.#choices = `y allows it, n denies it, a always allows ${describeAlways(permission)} in this session`;
      remark(this.#choices);
      this.#takeDown();
      this.#asked = { id, at: io.clock.monotonic(), stopReading: io.onLine((line) => this.#read(line)) };
    } catch (error) {
      remark((error as Error).message);
      this.#settle(id);
    }
  }

  #read(line: string): void {
    const asked = this.#asked;
    if (asked === null || this.#answering === asked.id) return;
    const { clock } = this.#options.io;
    // Meant for what stood there before: nothing may be allowed by mistake.
    if (clock.monotonic() - asked.at < readingMs)
      return this.#options.remark(`That was typed too early. ${this.#choices}`);
    const answer = answers[line.trim().toLowerCase()];
    if (answer === undefined) this.#options.remark(this.#choices);
    else void this.#answer(asked.id, answer);
  }

  async #answer(id: string, answer: AnswerPermission): Promise<void> {
    const { client, remark } = this.#options;
    this.#answering = id;
    try {
      await client.answerPermission(id, answer);
      this.#settle(id);
    } catch (error) {
      const isLate = error instanceof ProblemError && error.code === 'already_resolved';
      remark(isLate ? `Somebody else was first: ${error.message}` : (error as Error).message);
      if (isLate) this.#settle(id);
      else if (this.#asked?.id === id) remark(this.#choices);
    } finally {
      if (this.#answering === id) this.#answering = null;
    }
  }

  #settle(id: string): void {
    const wasFirst = this.#waiting[0] === id;
    this.#waiting = this.#waiting.filter((one) => one !== id);
    if (!wasFirst) return;
    this.#takeDown();
    void this.#askNext();
  }

  #takeDown(): void {
    this.#asked?.stopReading();
    this.#asked = null;
  }
}

const answers: Readonly<Record<string, AnswerPermission>> = {
  y: { decision: 'allow' },
  yes: { decision: 'allow' },
  n: { decision: 'deny' },
  no: { decision: 'deny' },
  a: { decision: 'allow', remember: true },
  always: { decision: 'allow', remember: true },
};

/** Nobody reads a question faster. */
const readingMs = 400;

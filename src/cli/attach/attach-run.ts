import type { AttachedTerminal, DroverClient, TerminalNotice } from '../../client/client.ts';
import { Outcome } from '../../contracts/run-state.ts';
import { exitCodeOf, exitCodes } from '../exit-codes.ts';
import { inertLine } from '../inert-text.ts';
import type { Io } from '../io.ts';
import type { OwnTerminal } from '../own-terminal.ts';
import type { DetachKey } from './detach-key.ts';
import { findKey } from './detach-key.ts';
import { TerminalModes } from './terminal-modes.ts';

export interface AttachRunOptions {
  readonly client: DroverClient;
  readonly runId: string;
  readonly io: Pick<Io, 'stdout' | 'stderr' | 'clock' | 'onSignal'>;
  readonly terminal: OwnTerminal;
  /** As `AttachOptions.from`. */
  readonly from: number;
  readonly detachKey: DetachKey;
  readonly isReadOnly: boolean;
  /** Also types where somebody else does. */
  readonly takesOver: boolean;
  /** What to say to come back. */
  readonly comeBack: string;
}

/**
 * What was written before may hold questions to the terminal, which it answers once more; a moment later nothing of that is taken for
 * what a person types.
 */
const answersMs = 150;

/** Makes one's own terminal that of the run, until its process ends or the detach key is pressed; resolves with the exit code. */
export async function attachRun(options: AttachRunOptions): Promise<number> {
  return new Attachment(options).last();
}

class Attachment {
  readonly #options: AttachRunOptions;
  readonly #attached: AttachedTerminal;
  readonly #modes = new TerminalModes();
  #isWriter = false;
  #isListening = false;
  #isDetached = false;
  #hasSatDown = false;
  /** How far it has been shown, and how much there was when the connection was made. */
  #position = 0;
  #replayedTo = 0;
  #exitCode: number = exitCodes.succeeded;

  constructor(options: AttachRunOptions) {
    this.#options = options;
    const { client, runId, from, isReadOnly } = options;
    this.#attached = client.terminal(runId, { from, write: !isReadOnly });
  }

  async last(): Promise<number> {
    const { runId, io, terminal, detachKey, isReadOnly, comeBack } = this.#options;
    this.#remark(`${isReadOnly ? 'watching' : 'at'} the terminal of ${runId}; ${detachKey.name} detaches`);
    const undo = [
      terminal.takeOver((bytes) => this.#type(bytes)),
      terminal.onResize(() => this.#sendSize()),
      io.onSignal('SIGTERM', () => this.#leave()),
    ];
    try {
      for await (const item of this.#attached) {
        if (item instanceof Uint8Array) this.#show(item);
        else this.#hear(item);
      }
    } finally {
      this.#attached.close();
      io.stdout.write(this.#modes.reset);
      for (const undoOne of undo.reverse()) undoOne();
    }
    if (this.#isDetached) this.#remark(`detached; the run goes on: ${comeBack}`);
    return this.#exitCode;
  }

  #show(bytes: Uint8Array): void {
    this.#modes.watch(bytes);
    this.#options.io.stdout.write(bytes);
    const before = this.#position;
    this.#position += bytes.length;
    if (before < this.#replayedTo && this.#position >= this.#replayedTo) this.#listenSoon();
  }

  #hear(notice: TerminalNotice): void {
    switch (notice.type) {
      case 'terminal':
        this.#sitDown(notice);
        break;
      case 'writer':
        if (this.#isWriter !== notice.isWriter) {
          this.#remark(notice.isWriter ? 'you type here now' : 'somebody else types here now; you watch');
        }
        this.#isWriter = notice.isWriter;
        this.#sendSize();
        break;
      case 'error':
        this.#remark(inertLine(notice.problem.detail));
        break;
      case 'ended':
        this.#exitCode = exitCodeOfState(notice.state);
        break;
      case 'resized':
    }
  }

  #sitDown({ isWriter, offset, size, rows, cols }: Extract<TerminalNotice, { type: 'terminal' }>): void {
    const { terminal, isReadOnly, takesOver } = this.#options;
    this.#isWriter = isWriter;
    this.#position = offset;
    this.#replayedTo = size;
    this.#isListening = false;
    if (offset >= size) this.#listenSoon();
    if (!isWriter && !isReadOnly) {
      // Only once: who has taken it from us since keeps it.
      if (takesOver && !this.#hasSatDown) this.#attached.take({ steal: true });
      else this.#remark('you watch: somebody else types here, or nobody can');
    }
    this.#hasSatDown = true;
    const own = terminal.size();
    if (own.rows !== rows || own.cols !== cols) this.#sendSize();
  }

  #listenSoon(): void {
    this.#options.io.clock.setTimer(answersMs, () => (this.#isListening = true));
  }

  #sendSize(): void {
    if (this.#isWriter) this.#attached.resize(this.#options.terminal.size());
  }

  #type(bytes: Uint8Array): void {
    const key = findKey(bytes, this.#options.detachKey);
    const typed = key === -1 ? bytes : bytes.subarray(0, key);
    if (this.#isWriter && this.#isListening && typed.length > 0) this.#attached.type(typed);
    if (key !== -1) this.#leave();
  }

  #leave(): void {
    this.#isDetached = true;
    this.#attached.close();
  }

  /** On lines of its own: the cursor may stand anywhere, and a line feed does not lead to the beginning of a line. */
  #remark(text: string): void {
    this.#options.io.stderr.write(`\r\ndrover: ${text}\r\n`);
  }
}

/** As of `drover run`; of a run that goes on in another process nothing is known yet. */
function exitCodeOfState(state: string): number {
  const { data: outcome } = Outcome.safeParse(state);
  return outcome === undefined ? exitCodes.succeeded : exitCodeOf(outcome);
}

import type { RunId } from '../../../../contracts/ids.ts';
import { closeCodes, type CloseCode } from '../../../../contracts/socket.ts';
import {
  TerminalClientFrame,
  type TerminalQuery,
  type TerminalServerFrame,
} from '../../../../contracts/terminal-socket.ts';
import type { Timer } from '../../../../kernel/clock.ts';
import type { Owner } from '../../../../store/rows.ts';
import type { TerminalSeat, TerminalViewer } from '../../../../supervisor/terminal/terminal-seat.ts';
import { toProblem } from '../../problem.ts';
import { Inbox } from '../inbox.ts';
import type { OpenSocket } from '../open-sockets.ts';
import { Outbox } from '../outbox.ts';
import { startPulse } from '../pulse.ts';
import { readFrame, toReason } from '../read-frame.ts';
import { refusalOf } from '../refusal-of.ts';
import type { SocketDependencies } from '../socket-dependencies.ts';
import type { NewSocket } from '../socket-door.ts';
import { sendBytes } from './send-bytes.ts';

export interface TerminalConversationOptions extends SocketDependencies {
  readonly owner: Owner;
  readonly runId: RunId;
  readonly query: TerminalQuery;
}

/** How long a client may take to say goodbye. */
const closeGraceMs = 10_000;

/** Of what is typed so much may wait to be stored, before no more is read. */
const maxTypedBytes = 64 * 1024;

/** One client at the terminal of one run. */
export class TerminalConversation implements TerminalViewer, OpenSocket {
  readonly #options: TerminalConversationOptions;
  readonly #left = new AbortController();
  #seat: TerminalSeat | null = null;
  #opened: NewSocket | null = null;
  #outbox: Outbox | null = null;
  #inbox: Inbox<TerminalClientFrame | Buffer> | null = null;
  #pulse: { stop(): void } | null = null;
  #lateness: Timer | undefined;
  #typedBytes = 0;

  constructor(options: TerminalConversationOptions) {
    this.#options = options;
  }

  /** Throws AppError where there is nothing to see. */
  async sitDown(): Promise<void> {
    const { supervisor, owner, runId, query } = this.#options;
    this.#seat = await supervisor.terminal(owner, runId, this);
    try {
      if (query.write === 'true') this.#seat.take();
    } catch {
      // Somebody else types, or nobody can: the first frame says that this one does not.
    }
  }

  begin(opened: NewSocket): this {
    const { clock } = this.#options;
    const { socket, connection, request } = opened;
    const seat = this.#seat;
    if (seat === null) throw new Error('Nobody has sat down');
    this.#opened = opened;
    const cut = () => this.close(closeCodes.tooSlow, 'Too slow; come back with "from" behind what you have');
    this.#outbox = new Outbox(socket, cut);
    this.#inbox = new Inbox<TerminalClientFrame | Buffer>(socket, {
      read: (data, isBinary) => (isBinary ? { frame: data } : readFrame(TerminalClientFrame, data)),
      handle: (frame) => this.#handle(frame, seat),
      onBreach: (breach) => this.close(closeCodes.notOfTheProtocol, breach),
    });
    this.#pulse = startPulse({ socket, connection, clock, onGone: () => socket.terminate(), onStill: cut });
    socket.on('close', (code) => this.#end(code, request));
    socket.on('error', () => undefined);
    socket.on('ping', (data) => this.#outbox?.hasRoom() === true && socket.pong(data));
    const { size, isWriter } = seat;
    const { from } = this.#options.query;
    const offset = Math.min(size, from < 0 ? Math.max(0, size + from) : from);
    const { rows, cols } = seat.dimensions;
    this.#say({ type: 'terminal', runId: this.#options.runId, offset, size, rows, cols, isWriter });
    void this.#show(seat, offset, opened);
    return this;
  }

  leaveUnlessBegun(): void {
    if (this.#opened === null) this.#seat?.leave();
  }

  close(code: CloseCode, reason: string, graceMs = closeGraceMs): void {
    const socket = this.#opened?.socket;
    this.#stop();
    socket?.close(code, toReason(reason));
    this.#lateness ??= this.#options.clock.setTimer(graceMs, () => socket?.terminate());
  }

  onWriter(isWriter: boolean): void {
    this.#say({ type: 'writer', isWriter });
  }

  onResized({ rows, cols }: { readonly rows: number; readonly cols: number }): void {
    this.#say({ type: 'resized', rows, cols });
  }

  #stop(): void {
    this.#left.abort();
    this.#inbox?.close();
    this.#pulse?.stop();
    this.#seat?.leave();
  }

  #end(code: number, request: string): void {
    this.#stop();
    this.#lateness?.cancel();
    this.#options.logger.info({ request, code }, 'terminal socket closed');
  }

  /** Nothing, before the first frame and behind the last. */
  #say(frame: TerminalServerFrame): void {
    if (!this.#left.signal.aborted) this.#outbox?.sayText(JSON.stringify(frame));
  }

  async #show(seat: TerminalSeat, offset: number, { socket, request }: NewSocket): Promise<void> {
    const { supervisor, owner, runId, logger } = this.#options;
    const { signal } = this.#left;
    try {
      for await (const bytes of seat.read(offset, signal)) await sendBytes(socket, bytes, signal);
      if (signal.aborted) return;
      const { state, reason, message } = await supervisor.run(owner, runId);
      this.#say({ type: 'ended', size: seat.size, state, reason, message });
      this.close(closeCodes.done, 'The process has ended');
    } catch (error) {
      if (signal.aborted) return;
      this.#say({ type: 'error', problem: toProblem(refusalOf(error, logger, request)) });
      this.close(closeCodes.internal, `The terminal cannot be shown; the server's log has more under "${request}"`);
    }
  }

  /** What is typed is not waited for, as long as little of it waits: so it is stored together. */
  async #handle(frame: TerminalClientFrame | Buffer, seat: TerminalSeat): Promise<void> {
    if (Buffer.isBuffer(frame)) {
      this.#typedBytes += frame.length;
      const typed = this.#type(frame, seat);
      if (this.#typedBytes > maxTypedBytes) await typed;
      return;
    }
    try {
      this.#obey(frame, seat);
    } catch (error) {
      this.#refuse(error);
    }
  }

  async #type(bytes: Buffer, seat: TerminalSeat): Promise<void> {
    try {
      await seat.type(bytes);
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#typedBytes -= bytes.length;
    }
  }

  #obey(frame: TerminalClientFrame, seat: TerminalSeat): void {
    switch (frame.type) {
      case 'resize':
        return seat.resize(frame);
      case 'take':
        return seat.take({ steal: frame.steal ?? false });
      case 'release':
        return seat.release();
      case 'ping':
        return this.#say({ type: 'pong' });
    }
  }

  #refuse(error: unknown): void {
    const { logger } = this.#options;
    this.#say({ type: 'error', problem: toProblem(refusalOf(error, logger, this.#opened?.request ?? '')) });
  }
}

import { closeCodes, socketProtocol, tokenProtocolPrefix } from '../contracts/socket.ts';
import { backOffMs, isPassing, usualRetries } from './coming-back.ts';
import { ProblemError, unreachable } from './problem-error.ts';
import { send, type Connection } from './requests.ts';
import { sleep } from './sleep.ts';

export interface SocketLineOptions {
  /** @default 10 */
  readonly maxRetries: number | undefined;
  /** Where it is opened, the next time. */
  readonly path: () => string;
  readonly onOpen: () => void;
  /** Text, or bytes. Throws where it is nothing that the server may say. */
  readonly onData: (data: string | ArrayBuffer) => void;
  /** It is lost, and will be tried again. */
  readonly onLost: () => void;
  /** It is lost, and is not tried again until somebody asks. */
  readonly onFailure: (error: ProblemError) => void;
}

interface End {
  readonly wasOpen: boolean;
  readonly code: number;
  readonly reason: string;
}

/** One WebSocket at a time, which comes back whenever it is lost. */
export class SocketLine {
  readonly #connection: Connection;
  readonly #options: SocketLineOptions;
  #closing = new AbortController();
  #socket: WebSocket | undefined;
  #isWorking = false;

  constructor(connection: Connection, options: SocketLineOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Opens it where it is not, and keeps it open. */
  open(): void {
    if (this.#closing.signal.aborted) this.#closing = new AbortController();
    if (this.#isWorking) return;
    this.#isWorking = true;
    void this.#keepOpen(this.#closing.signal);
  }

  /** False where there is no connection now. */
  send(frame: string | Uint8Array<ArrayBuffer>): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(frame);
    return true;
  }

  close(): void {
    this.#closing.abort();
    this.#isWorking = false;
    this.#socket?.close(1000);
    this.#socket = undefined;
  }

  async #keepOpen(signal: AbortSignal): Promise<void> {
    const { maxRetries = usualRetries, onLost, onFailure } = this.#options;
    const isClosed = () => signal.aborted;
    for (let failures = 0; ; failures += 1) {
      const end = await this.#connect(signal);
      if (isClosed()) return;
      onLost();
      const trouble = await this.#troubleOf(end, signal);
      if (isClosed()) return;
      if (end.wasOpen) failures = 0;
      if (!isPassing(trouble) || failures >= maxRetries) {
        this.#isWorking = false;
        onFailure(trouble);
        return;
      }
      await sleep(backOffMs(failures), signal);
      if (isClosed()) return;
    }
  }

  /** Resolves when the connection has ended. */
  #connect(signal: AbortSignal): Promise<End> {
    const { url, token } = this.#connection;
    return new Promise((resolve) => {
      let socket: WebSocket;
      try {
        const address = `${url.replace(/\/+$/, '').replace(/^http/, 'ws')}${this.#options.path()}`;
        socket = new WebSocket(address, [socketProtocol, `${tokenProtocolPrefix}${token}`]);
      } catch (error) {
        // Not even a token by its form: the server says so.
        resolve({ wasOpen: false, code: 0, reason: String(error) });
        return;
      }
      socket.binaryType = 'arraybuffer';
      this.#socket = socket;
      let wasOpen = false;
      socket.addEventListener('open', () => {
        wasOpen = true;
        if (signal.aborted) socket.close(1000);
        else this.#options.onOpen();
      });
      socket.addEventListener('message', ({ data }) => {
        if (!signal.aborted) this.#take(data as string | ArrayBuffer, socket);
      });
      // What went wrong is not told to pages, nor here; that it is over is.
      socket.addEventListener('error', () => undefined);
      socket.addEventListener('close', ({ code, reason }) => resolve({ wasOpen, code, reason }));
    });
  }

  #take(data: string | ArrayBuffer, socket: WebSocket): void {
    try {
      this.#options.onData(data);
    } catch {
      socket.close(nonsense, 'This is no frame of a Drover server');
    }
  }

  /** Why it ended. Of a refused handshake nothing is told but that it failed; a plain request to the same place is told more. */
  async #troubleOf({ wasOpen, code, reason }: End, signal: AbortSignal): Promise<ProblemError> {
    const { url } = this.#connection;
    if (wasOpen) return lasting.has(code) ? refused(code, reason) : unreachable(url);
    const asked = await send(this.#connection, this.#options.path(), { signal }).then(
      () => undefined,
      (error: unknown) => error,
    );
    // 426: there is a WebSocket, and the token is good.
    return asked instanceof ProblemError && asked.status !== 426 ? asked : unreachable(url);
  }
}

/** By which a client may say so (https://developer.mozilla.org/docs/Web/API/WebSocket/close). */
const nonsense = 4400;

/** What would come to the same end again. */
const lasting: ReadonlySet<number> = new Set([
  ...[1002, 1003, 1007, 1008, nonsense],
  closeCodes.tooBig,
  closeCodes.notOfTheProtocol,
  closeCodes.tooManySubscriptions,
]);

function refused(code: number, reason: string): ProblemError {
  return new ProblemError({
    type: 'urn:drover:problem:invalid_request',
    title: 'The request is not valid',
    status: 400,
    code: 'invalid_request',
    detail: `The WebSocket was closed with ${code}: ${reason === '' ? 'no reason was given' : reason}`,
  });
}

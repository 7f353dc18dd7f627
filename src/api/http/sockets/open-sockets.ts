import type { WebSocket } from 'ws';
import { closeCodes, type CloseCode } from '../../../contracts/socket.ts';

/** As for other answers when the server stops. */
const stopGraceMs = 2_000;

/** Whoever talks on a socket. */
export interface OpenSocket {
  /** Stops everything, says why, and waits so long for the client to have heard it. */
  close(code: CloseCode, reason: string, graceMs?: number): void;
}

/** The sockets of a server, which says goodbye to all of them when it stops. */
export class OpenSockets {
  readonly #open = new Set<OpenSocket>();
  readonly #shutdown: AbortSignal;

  constructor(shutdown: AbortSignal) {
    this.#shutdown = shutdown;
    shutdown.addEventListener('abort', () => {
      for (const open of this.#open) leave(open);
    });
  }

  add(open: OpenSocket, socket: Pick<WebSocket, 'once'>): void {
    this.#open.add(open);
    socket.once('close', () => this.#open.delete(open));
    if (this.#shutdown.aborted) leave(open);
  }
}

function leave(open: OpenSocket): void {
  open.close(closeCodes.stopping, 'The server stops; come back with your cursors', stopGraceMs);
}

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket, WebSocketServer } from 'ws';
import { socketProtocol } from '../../../contracts/socket.ts';
import { AppError } from '../../../kernel/app-error.ts';
import { logAnswer } from '../access-log.ts';
import { sendProblem } from '../problem.ts';
import { OpenSockets, type OpenSocket } from './open-sockets.ts';
import { checkOfferedProtocols } from './protocols.ts';
import type { SocketDependencies } from './socket-dependencies.ts';
import type { UpgradeHeads } from './upgrades.ts';

export interface NewSocket {
  readonly socket: WebSocket;
  /** What the socket is on. */
  readonly connection: Socket;
  /** Of the request that became the socket, for the server's log. */
  readonly request: string;
}

/** A permission may be answered with another input for its tool, which may be as large as a prompt. */
const maxPayloadBytes = 1024 * 1024 + 16 * 1024;

/** Makes sockets of requests, on whatever route. */
export class SocketDoor {
  readonly #heads: UpgradeHeads;
  readonly #logger: SocketDependencies['logger'];
  readonly #sockets: OpenSockets;
  #server: Promise<WebSocketServer> | undefined;

  constructor(heads: UpgradeHeads, { logger, shutdown }: Pick<SocketDependencies, 'logger' | 'shutdown'>) {
    this.#heads = heads;
    this.#logger = logger;
    this.#sockets = new OpenSockets(shutdown);
  }

  /** Answers 101 and begins, or refuses; begins nothing where the client has gone. */
  async open(
    request: FastifyRequest,
    reply: FastifyReply,
    begin: (socket: NewSocket) => OpenSocket,
  ): Promise<FastifyReply> {
    const head = this.#heads.get(request.raw);
    if (head === undefined) {
      const detail = 'There is only a WebSocket here; ask for it with "Upgrade: websocket"';
      return sendProblem(reply.header('upgrade', 'websocket'), new AppError('invalid_request', detail), 426);
    }
    checkOfferedProtocols(request.raw);
    // Loaded for the first who wants one: most servers are asked by the command line alone.
    this.#server ??= createWebSocketServer();
    const socket = shakeHands(await this.#server, request.raw, head);
    reply.hijack();
    if (socket === null) return reply;
    const connection = request.raw.socket;
    reply.raw.detachSocket(connection);
    reply.raw.statusCode = 101;
    logAnswer(request, reply, this.#logger);
    this.#sockets.add(begin({ socket, connection, request: request.id }), socket);
    return reply;
  }
}

async function createWebSocketServer(): Promise<WebSocketServer> {
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // What is compressed with a secret beside it tells its length; and a few bytes can be made to unfold into many.
    perMessageDeflate: false,
    maxPayload: maxPayloadBytes,
    // We answer pings ourselves, while there is room.
    autoPong: false,
    // That it is among those which are offered has been checked.
    handleProtocols: () => socketProtocol,
  });
  // Thrown through the handshake, which is synchronous, to whoever asked for it.
  server.on('wsClientError', (error) => {
    throw new AppError('invalid_request', `This is no WebSocket handshake: ${error.message}`);
  });
  return server;
}

/** Answers 101; null where nobody is there any more. Throws AppError `invalid_request`. */
function shakeHands(server: WebSocketServer, request: IncomingMessage, head: Buffer): WebSocket | null {
  let opened: WebSocket | null = null;
  server.handleUpgrade(request, request.socket, head, (socket) => (opened = socket));
  return opened;
}

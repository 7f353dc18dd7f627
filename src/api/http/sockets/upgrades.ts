import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { socketPath } from '../../../contracts/socket.ts';
import { terminalRoute } from '../../../contracts/terminal-socket.ts';
import type { Api } from '../api.ts';

/** What came behind the headers of a request that wants to become a WebSocket; absent for any other request. */
export type UpgradeHeads = Pick<WeakMap<IncomingMessage, Buffer>, 'get'>;

/** The routes that are WebSockets. */
export const socketRoutes: ReadonlySet<string | undefined> = new Set([socketPath, terminalRoute]);

const socketPaths = new RegExp(
  `^(?:${[socketPath, terminalRoute].map((route) => route.replace(/:\w+/, '[^/]+')).join('|')})$`,
);

/** Whether a request is to come as an upgrade. Any other that asks for one is a request like all others, and the door refuses it. */
export function isSocketRequest({ url, headers }: IncomingMessage): boolean {
  return socketPaths.test(url?.split('?', 1)[0] ?? '') && isWebSocketUpgrade(headers);
}

export function isWebSocketUpgrade({ upgrade }: IncomingMessage['headers']): boolean {
  return upgrade?.toLowerCase().includes('websocket') === true;
}

/**
 * Sends upgrades through the router, and so through the door, as if they were requests: until the route has said yes there is a
 * response like any other, and a refusal is an ordinary answer.
 */
export function routeUpgrades(app: Api): UpgradeHeads {
  const heads = new WeakMap<IncomingMessage, Buffer>();
  app.server.on('upgrade', (request, socket: Socket, head) => {
    // Node listens to it no more; a connection that breaks now must not break the server.
    socket.on('error', () => socket.destroy());
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    try {
      response.assignSocket(socket);
    } catch {
      // An upgrade behind a request that has no answer yet: the two answers could not be told apart.
      socket.destroy();
      return;
    }
    response.once('finish', () => {
      response.detachSocket(socket);
      // What is still coming is thrown away, so that the answer is not lost with it.
      socket.resume().destroySoon();
    });
    heads.set(request, head);
    app.routing(request, response);
  });
  return heads;
}

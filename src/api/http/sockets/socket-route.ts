import { socketPath } from '../../../contracts/socket.ts';
import type { Api } from '../api.ts';
import { refusals } from '../documentation.ts';
import { ownerOf } from '../door/authentication.ts';
import { Conversation } from './conversation.ts';
import { eventFrames } from './event-frames.ts';
import type { SocketDependencies } from './socket-dependencies.ts';
import type { SocketDoor } from './socket-door.ts';

/** `GET /v1/ws`: many sessions, the lives of all, and answers, on one WebSocket (docs/websocket.md). */
export function socketRoute(app: Api, door: SocketDoor, dependencies: SocketDependencies): void {
  const format = eventFrames(dependencies.log);
  app.get(
    socketPath,
    {
      schema: {
        operationId: 'openSocket',
        summary: 'Opens a WebSocket: events of many sessions, lifecycle feed, answers; see docs/websocket.md',
        description: socketDescription,
        tags: ['events'],
        response: refusals(),
      },
    },
    async (request, reply) => {
      const owner = ownerOf(request);
      return door.open(request, reply, (opened) => new Conversation({ ...dependencies, ...opened, owner, format }));
    },
  );
}

const socketDescription = [
  'Answers 101 where it does not refuse.',
  'The token stands in the Authorization header; a browser, which cannot set one, offers it as a subprotocol instead:',
  '`Sec-WebSocket-Protocol: drover.v1, drover.token.<token>`. The answer names `drover.v1` alone.',
  'Frames are JSON text, and cursors are those of the event stream. A client that does not take what it is sent is closed with 4408, and',
  'comes back with its cursors.',
].join('\n');

import { terminalRoute, TerminalQuery } from '../../../../contracts/terminal-socket.ts';
import type { Api } from '../../api.ts';
import { refusals } from '../../documentation.ts';
import { ownerOf } from '../../door/authentication.ts';
import { RunPath } from '../../routes/parameters.ts';
import type { SocketDependencies } from '../socket-dependencies.ts';
import type { SocketDoor } from '../socket-door.ts';
import { TerminalConversation } from './terminal-conversation.ts';

/** `GET /v1/runs/:runId/terminal`: the terminal of a run on a WebSocket (docs/terminals.md). */
export function terminalRoutes(app: Api, door: SocketDoor, dependencies: SocketDependencies): void {
  app.get(
    terminalRoute,
    {
      schema: {
        operationId: 'openTerminal',
        summary: "Opens a WebSocket on a run's terminal: its bytes, typing, resizing; see docs/terminals.md",
        description,
        tags: ['runs'],
        params: RunPath,
        querystring: TerminalQuery,
        response: refusals('not_found', 'unsupported', 'wrong_state', 'newer_layout', 'no_longer_kept'),
      },
    },
    async (request, reply) => {
      const { runId } = request.params;
      const options = { ...dependencies, owner: ownerOf(request), runId, query: request.query };
      const conversation = new TerminalConversation(options);
      // Before the handshake: who is refused is told as on any other route.
      await conversation.sitDown();
      try {
        return await door.open(request, reply, (opened) => conversation.begin(opened));
      } finally {
        conversation.leaveUnlessBegun();
      }
    },
  );
}

const description = [
  'Answers 101 where it does not refuse. The token is offered as on `/v1/ws`.',
  'Binary frames are bytes: of the terminal to the client, and typed ones to the server. All else is JSON text.',
].join('\n');

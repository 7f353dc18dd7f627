import { Session } from '../../../contracts/resources.ts';
import type { Api, HttpDependencies } from '../api.ts';
import { refusals } from '../documentation.ts';
import { ownerOf } from '../door/authentication.ts';
import { expectNoBody } from '../validation.ts';
import { SessionPath } from './parameters.ts';

/** What can be asked of a session; its whole request is the URL. */
export function sessionVerbRoutes(app: Api, { supervisor }: Pick<HttpDependencies, 'supervisor'>): void {
  const bodies = ['payload_too_large', 'unsupported_media_type'] as const;
  app.post(
    '/v1/sessions/:sessionId/pause',
    {
      schema: {
        operationId: 'pauseSession',
        summary: 'Lets the open turn come to its end, and starts nothing new in the session',
        tags: ['sessions'],
        params: SessionPath,
        response: { 200: Session.describe('The session, paused'), ...refusals('not_found', ...bodies) },
      },
      preValidation: async ({ body }) => expectNoBody(body),
    },
    async (request) => supervisor.pauseSession(ownerOf(request), request.params.sessionId),
  );

  app.post(
    '/v1/sessions/:sessionId/resume',
    {
      schema: {
        operationId: 'resumeSession',
        summary: 'Goes on with what waits in a paused session',
        tags: ['sessions'],
        params: SessionPath,
        response: { 200: Session.describe('The session, not paused any more'), ...refusals('not_found', ...bodies) },
      },
      preValidation: async ({ body }) => expectNoBody(body),
    },
    async (request) => supervisor.resumeSession(ownerOf(request), request.params.sessionId),
  );

  app.post(
    '/v1/sessions/:sessionId/warm',
    {
      schema: {
        operationId: 'warmSession',
        summary: 'Starts the process of a session that has none, so that its next prompt finds it ready',
        tags: ['sessions'],
        params: SessionPath,
        response: {
          202: Session.describe('The session; its `process` tells how far it is'),
          ...refusals('not_found', 'newer_layout', 'unsupported', 'workspace_busy', 'unknown_profile', ...bodies),
        },
      },
      preValidation: async ({ body }) => expectNoBody(body),
    },
    async (request, reply) => {
      const session = await supervisor.warmSession(ownerOf(request), request.params.sessionId);
      return reply.code(202).send(session);
    },
  );
}

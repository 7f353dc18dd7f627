import { z } from 'zod';
import { ChangeSession, CreateSession, Session } from '../../../contracts/resources.ts';
import type { Api, HttpDependencies } from '../api.ts';
import { refusals } from '../documentation.ts';
import { ownerOf } from '../door/authentication.ts';
import { SessionPath } from './parameters.ts';

const SessionList = z.object({ sessions: z.array(Session) });

export function sessionRoutes(app: Api, { supervisor }: Pick<HttpDependencies, 'supervisor'>): void {
  app.post(
    '/v1/sessions',
    {
      schema: {
        operationId: 'createSession',
        summary: 'Opens a session: a conversation with one profile in one workspace',
        tags: ['sessions'],
        body: CreateSession,
        response: {
          201: Session.describe('The session; Location names it'),
          ...refusals('payload_too_large', 'unsupported_media_type', 'unknown_profile', 'workspace_refused'),
        },
      },
    },
    async (request, reply) => {
      const session = await supervisor.createSession(ownerOf(request), request.body);
      return reply.code(201).header('location', `/v1/sessions/${session.id}`).send(session);
    },
  );

  app.get(
    '/v1/sessions',
    {
      schema: {
        operationId: 'listSessions',
        summary: 'Lists sessions, newest first',
        tags: ['sessions'],
        response: { 200: SessionList.describe('All sessions'), ...refusals() },
      },
    },
    async (request) => ({ sessions: await supervisor.sessions(ownerOf(request)) }),
  );

  app.get(
    '/v1/sessions/:sessionId',
    {
      schema: {
        operationId: 'getSession',
        summary: 'Gets a session',
        tags: ['sessions'],
        params: SessionPath,
        response: { 200: Session.describe('The session'), ...refusals('not_found') },
      },
    },
    async (request) => supervisor.session(ownerOf(request), request.params.sessionId),
  );

  app.patch(
    '/v1/sessions/:sessionId',
    {
      schema: {
        operationId: 'changeSession',
        summary: 'Changes the rules of a session, for what is asked from now on',
        tags: ['sessions'],
        params: SessionPath,
        body: ChangeSession,
        response: {
          200: Session.describe('The session as it is now'),
          ...refusals('not_found', 'payload_too_large', 'unsupported_media_type'),
        },
      },
    },
    async (request) => supervisor.changeSession(ownerOf(request), request.params.sessionId, request.body),
  );
}

import { z } from 'zod';
import { SessionId } from '../../../contracts/ids.ts';
import { AnswerPermission, Permission, PermissionSummary } from '../../../contracts/permission.ts';
import type { Api, HttpDependencies } from '../api.ts';
import { refusals } from '../documentation.ts';
import { ownerOf } from '../door/authentication.ts';
import { limitOf, PermissionPath } from './parameters.ts';

const PermissionList = z.object({ permissions: z.array(PermissionSummary) });

const PermissionQuery = z.strictObject({
  pending: z.enum(['true', 'false']).optional().describe('`true`: only what waits for an answer'),
  sessionId: SessionId.optional(),
  limit: limitOf(1_000, 100),
});

export function permissionRoutes(app: Api, { supervisor }: Pick<HttpDependencies, 'supervisor'>): void {
  app.get(
    '/v1/permissions',
    {
      schema: {
        operationId: 'listPermissions',
        summary: 'Lists what agents have asked people for, newest first',
        description: 'What a policy decides at once is put to nobody: it is in the events, and in the audit.',
        tags: ['permissions'],
        querystring: PermissionQuery,
        response: { 200: PermissionList.describe('The permissions'), ...refusals('not_found') },
      },
    },
    async (request) => {
      const { pending, sessionId, limit } = request.query;
      const filter = { isPending: pending === 'true', limit, ...(sessionId !== undefined && { sessionId }) };
      return { permissions: await supervisor.permissions(ownerOf(request), filter) };
    },
  );

  app.get(
    '/v1/permissions/:permissionId',
    {
      schema: {
        operationId: 'getPermission',
        summary: 'Gets what an agent has asked for, and what became of it',
        tags: ['permissions'],
        params: PermissionPath,
        response: { 200: Permission.describe('The permission'), ...refusals('not_found') },
      },
    },
    async (request) => supervisor.permission(ownerOf(request), request.params.permissionId),
  );

  app.post(
    '/v1/permissions/:permissionId/answer',
    {
      schema: {
        operationId: 'answerPermission',
        summary: 'Allows or denies what an agent asks for; the first answer counts',
        tags: ['permissions'],
        params: PermissionPath,
        body: AnswerPermission,
        response: {
          200: Permission.describe('The permission as it is decided now, on disk and on its way to the agent'),
          ...refusals('not_found', 'newer_layout', 'already_resolved', 'payload_too_large', 'unsupported_media_type'),
        },
      },
    },
    async (request) => supervisor.answerPermission(ownerOf(request), request.params.permissionId, request.body),
  );
}

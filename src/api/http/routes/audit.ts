import { z } from 'zod';
import { SessionId } from '../../../contracts/ids.ts';
import { AuditEntry } from '../../../contracts/resources.ts';
import type { Api, HttpDependencies } from '../api.ts';
import { refusals } from '../documentation.ts';
import { ownerOf } from '../door/authentication.ts';
import { limitOf } from './parameters.ts';

const AuditEntryList = z.object({ entries: z.array(AuditEntry) });

const AuditQuery = z.strictObject({ sessionId: SessionId.optional(), limit: limitOf(1_000, 100) });

export function auditRoutes(app: Api, { supervisor }: Pick<HttpDependencies, 'supervisor'>): void {
  app.get(
    '/v1/audit',
    {
      schema: {
        operationId: 'listAuditEntries',
        summary: 'Lists who allowed or denied what, and when; newest first',
        tags: ['permissions'],
        querystring: AuditQuery,
        response: { 200: AuditEntryList.describe('The entries'), ...refusals('not_found') },
      },
    },
    async (request) => {
      const { sessionId, limit } = request.query;
      const filter = { limit, ...(sessionId !== undefined && { sessionId }) };
      return { entries: await supervisor.auditEntries(ownerOf(request), filter) };
    },
  );
}

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { refusals } from '../documentation.ts';

/** The package brings the description along, so that no server loads what it is made with (17 files) or makes it at each start. */
const description = new URL('../../../../docs/openapi.json', import.meta.url);

export function openApiRoutes(app: Api): void {
  app.get(
    '/v1/openapi.json',
    {
      schema: {
        operationId: 'getOpenApi',
        summary: 'Describes this API as OpenAPI 3.1',
        tags: ['server'],
        response: { 200: z.looseObject({ openapi: z.string() }).describe('The description'), ...refusals() },
      },
    },
    async (_request, reply) => reply.type('application/json').send((await readFile(description, 'utf8')) as never),
  );
}

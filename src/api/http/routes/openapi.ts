import { z } from 'zod';
import type { Api } from '../api.ts';
import { refusals } from '../documentation.ts';

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
    async (_request, reply) => reply.type('application/json').send(JSON.stringify(app.swagger()) as never),
  );
}

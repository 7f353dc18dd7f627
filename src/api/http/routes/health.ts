import { z } from 'zod';
import type { Api } from '../api.ts';
import { problemResponse } from '../documentation.ts';

const Health = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });

export function healthRoutes(app: Api): void {
  app.get(
    '/v1/health',
    {
      schema: {
        operationId: 'getHealth',
        summary: 'Says that the server answers; needs no token',
        tags: ['server'],
        security: [],
        response: {
          200: Health.describe('The server answers'),
          400: problemResponse(
            'The request is not valid (`invalid_request`) · A token must not stand in a URL (`token_in_url`)',
          ),
          403: problemResponse('This origin may not call this server (`origin_refused`)'),
          421: problemResponse('The Host header does not name this server'),
        },
      },
    },
    async () => ({ status: 'ok' as const }),
  );
}

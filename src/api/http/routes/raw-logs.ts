import { z } from 'zod';
import { RunId } from '../../../contracts/ids.ts';
import { AppError } from '../../../kernel/app-error.ts';
import type { Api, HttpDependencies } from '../api.ts';
import { parseByteRange } from '../byte-range.ts';
import { bytesResponse, problemResponse, refusals } from '../documentation.ts';
import { ownerOf } from '../door/authentication.ts';
import { sendProblem } from '../problem.ts';

const LogPath = z.strictObject({ runId: RunId, stream: z.enum(['stdout', 'stderr']) });

const LogQuery = z.strictObject({
  attempt: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('The number of an attempt; the newest where it is absent'),
});

export function rawLogRoutes(app: Api, { supervisor }: Pick<HttpDependencies, 'supervisor'>): void {
  app.get(
    '/v1/runs/:runId/logs/:stream',
    {
      schema: {
        operationId: 'downloadRawLog',
        summary: "Downloads the agent's own bytes",
        description: 'Honours `Range: bytes=…`, so that a log that still grows can be followed from where a reader is.',
        tags: ['runs'],
        params: LogPath,
        querystring: LogQuery,
        response: {
          200: bytesResponse('All bytes that are there now'),
          206: bytesResponse('The bytes that were asked for; Content-Range says which'),
          416: problemResponse('The range begins beyond the end; Content-Range says where that is'),
          ...refusals('not_found', 'newer_layout', 'no_longer_kept', 'log_damaged'),
        },
      },
    },
    async (request, reply) => {
      const { runId, stream } = request.params;
      const { attempt } = request.query;
      const log = await supervisor.rawLog(ownerOf(request), runId, {
        stream,
        ...(attempt === undefined ? {} : { attempt }),
      });
      const { size } = log;
      reply.headers({
        'accept-ranges': 'bytes',
        'content-disposition': `attachment; filename="${runId}-${stream}.log"`,
      });
      // Without validators a conditional range can never be known to fit.
      const range = request.headers['if-range'] === undefined ? parseByteRange(request.headers.range, size) : null;
      if (range === 'unsatisfiable') {
        reply.header('content-range', `bytes */${size}`);
        const detail = `The range "${request.headers.range}" lies outside the ${size} bytes of this log`;
        return sendProblem(reply, new AppError('range_not_satisfiable', detail));
      }
      if (range !== null) reply.code(206).header('content-range', `bytes ${range.first}-${range.last}/${size}`);
      const { first, last } = range ?? { first: 0, last: size - 1 };
      reply.type('application/octet-stream').header('content-length', last - first + 1);
      if (last < first) return reply.send('');
      return reply.send(await log.open(first, last));
    },
  );
}

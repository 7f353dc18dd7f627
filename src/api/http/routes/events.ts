import { z } from 'zod';
import { EventPage } from '../../../contracts/resources.ts';
import type { Api, HttpDependencies } from '../api.ts';
import { refusals } from '../documentation.ts';
import { ownerOf } from '../door/authentication.ts';
import { readEventPage } from '../events/event-page.ts';
import { eventStreamHeaders, writeEventStream } from '../events/event-stream.ts';
import { findReadingPlace } from '../events/reading-place.ts';
import { limitOf, SessionPath } from './parameters.ts';

const EventQuery = z.strictObject({
  after: z
    .string()
    .optional()
    .describe('A cursor: the events beyond it are wanted; from the beginning where it is absent'),
  limit: limitOf(1_000, 200),
});

const EventHeaders = z.looseObject({
  'last-event-id': z.string().optional().describe('A cursor, for a stream; it wins over `after`'),
});

export type EventRouteDependencies = Pick<HttpDependencies, 'supervisor' | 'log' | 'logger' | 'clock'> & {
  readonly shutdown: AbortSignal;
};

export function eventRoutes(app: Api, { supervisor, log, logger, clock, shutdown }: EventRouteDependencies): void {
  app.get(
    '/v1/sessions/:sessionId/events',
    {
      schema: {
        operationId: 'listEvents',
        summary: 'Reads the events of a session, page by page or as a live stream',
        description: eventsDescription,
        tags: ['events'],
        params: SessionPath,
        querystring: EventQuery,
        headers: EventHeaders,
        response: {
          200: {
            description: 'The events beyond the cursor, in order',
            content: { 'application/json': { schema: EventPage }, 'text/event-stream': { schema: z.string() } },
          },
          ...refusals('not_found'),
        },
      },
    },
    async (request, reply) => {
      const { id: sessionId } = await supervisor.session(ownerOf(request), request.params.sessionId);
      const { after, limit } = request.query;
      if (request.headers.accept?.includes('text/event-stream') !== true) {
        const place = await findReadingPlace(log, sessionId, after);
        return reply.type('application/json').send(await readEventPage(log, sessionId, place, limit));
      }
      const place = await findReadingPlace(log, sessionId, request.headers['last-event-id'] ?? after);
      reply.hijack();
      reply.raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...eventStreamHeaders });
      try {
        await writeEventStream(reply.raw, { log, clock, sessionId, place, signal: shutdown });
      } catch (error) {
        logger.error({ err: error, request: request.id, sessionId }, 'an event stream broke off');
        reply.raw.destroy();
      }
      return reply;
    },
  );
}

const eventsDescription = [
  'Both forms take the same cursor, `<generation>-<seq>` of the last event that a reader has seen.',
  'A page says in `cursor` where the next one begins. With `Accept: text/event-stream` the events come as server-sent events, first',
  'those that are stored, then live ones; the `id` of each is its cursor.',
  'A cursor that cannot be continued is answered by a reset, and the events from the beginning: a page has `reset`, a stream begins',
  'with `event: reset` and `data: {"reason", "cursor"}`.',
].join('\n');

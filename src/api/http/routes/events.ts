import { z } from 'zod';
import { EventPage } from '../../../contracts/resources.ts';
import { AppError } from '../../../kernel/app-error.ts';
import type { Api, HttpDependencies } from '../api.ts';
import { refusals } from '../documentation.ts';
import { ownerOf } from '../door/authentication.ts';
import { readEventPage, readEventPageBefore } from '../events/event-page.ts';
import { writeEventStream } from '../events/event-stream.ts';
import { findPlaceToGoBackFrom, findReadingPlace } from '../events/reading-place.ts';
import { serverSentEvents } from '../events/server-sent-events.ts';
import { limitOf, SessionPath } from './parameters.ts';

const EventQuery = z.strictObject({
  after: z
    .string()
    .optional()
    .describe('A cursor: the events beyond it are wanted; from the beginning where it is absent'),
  before: z
    .string()
    .optional()
    .describe(
      'A cursor, or `end`: the last events up to there are wanted, the newest one included; a page only, and not with `after`',
    ),
  limit: limitOf(1_000, 200),
});

const EventHeaders = z.looseObject({
  'last-event-id': z.string().optional().describe('A cursor, for a stream; it wins over `after`'),
});

export type EventRouteDependencies = Pick<HttpDependencies, 'supervisor' | 'log' | 'logger' | 'clock'> & {
  readonly shutdown: AbortSignal;
};

export function eventRoutes(app: Api, { supervisor, log, logger, clock, shutdown }: EventRouteDependencies): void {
  const format = serverSentEvents(log);
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
            description: 'The events beyond the cursor, or up to it, in order',
            content: { 'application/json': { schema: EventPage }, 'text/event-stream': { schema: z.string() } },
          },
          ...refusals('not_found'),
        },
      },
    },
    async (request, reply) => {
      const { id: sessionId } = await supervisor.session(ownerOf(request), request.params.sessionId);
      const { after, before, limit } = request.query;
      const isStream = request.headers.accept?.includes('text/event-stream') === true;
      if (before !== undefined) {
        refuseBeforeWith({ after, isStream });
        const place = await findPlaceToGoBackFrom(log, sessionId, before);
        return reply.type('application/json').send(await readEventPageBefore(log, sessionId, place, limit));
      }
      if (!isStream) {
        const place = await findReadingPlace(log, sessionId, after);
        return reply.type('application/json').send(await readEventPage(log, sessionId, place, limit));
      }
      const place = await findReadingPlace(log, sessionId, request.headers['last-event-id'] ?? after);
      reply.hijack();
      const headers = reply.getHeaders() as Record<string, string>;
      try {
        await writeEventStream(reply.raw, { log, clock, format, headers, sessionId, place, signal: shutdown });
      } catch (error) {
        logger.error({ err: error, request: request.id, sessionId }, 'an event stream broke off');
        reply.raw.destroy();
      }
      return reply;
    },
  );
}

function refuseBeforeWith({ after, isStream }: { after: string | undefined; isStream: boolean }): void {
  if (after !== undefined) {
    throw new AppError(
      'invalid_request',
      '`after` and `before` exclude each other: read on with `after`, or back with `before`',
    );
  }
  if (isStream) {
    throw new AppError(
      'invalid_request',
      'A stream cannot begin with `before`: read a page with it, then stream with its `cursor` as `after`',
    );
  }
}

const eventsDescription = [
  'Both forms take the same cursor, `<generation>-<seq>` of the last event that a reader has seen.',
  'A page says in `cursor` where the next one begins. With `Accept: text/event-stream` the events come as server-sent events, first',
  'those that are stored, then live ones; the `id` of each is its cursor.',
  'To begin at the end, ask for `before=end`: the page has the newest events, in `cursor` where to go on, and in `start` what to pass as',
  '`before` for what came earlier.',
  'A cursor that cannot be continued is answered by a reset, and the events from the first that is left: a page has `reset`, a stream',
  'begins with `event: reset` and `data: {"reason", "cursor"}`.',
].join('\n');

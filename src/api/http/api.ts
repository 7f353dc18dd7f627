import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Config } from '../../config/config.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { EventLog } from '../../log/event-log.ts';
import type { Supervisor } from '../../supervisor/supervisor.ts';
import type { Authenticate } from './door/authentication.ts';

/** The Fastify application, with the types of its requests taken from zod schemas. */
export type Api = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>;

/** What the HTTP folder needs of the rest of the house. */
export interface HttpDependencies {
  readonly supervisor: Omit<Supervisor, 'start' | 'stop'>;
  readonly log: Pick<
    EventLog,
    'generation' | 'lastSeq' | 'prunedSeq' | 'read' | 'readUpTo' | 'subscribe' | 'subscribeInTurns' | 'watch'
  >;
  readonly authenticate: Authenticate;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly clock: Clock;
  readonly config: Pick<Config, 'host' | 'port'>;
}

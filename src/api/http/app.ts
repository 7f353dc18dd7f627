import Fastify from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { installAccessLog } from './access-log.ts';
import type { Api, HttpDependencies } from './api.ts';
import { installDoor } from './door/door.ts';
import { installErrorHandling } from './error-handling.ts';
import { acceptOnlyJson } from './json-body.ts';
import { answerMalformedRequest } from './malformed-request.ts';
import { bodyLimitBytes } from './problem.ts';
import { auditRoutes } from './routes/audit.ts';
import { eventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { openApiRoutes } from './routes/openapi.ts';
import { permissionRoutes } from './routes/permissions.ts';
import { profileRoutes } from './routes/profiles.ts';
import { rawLogRoutes } from './routes/raw-logs.ts';
import { runVerbRoutes } from './routes/run-verbs.ts';
import { runRoutes } from './routes/runs.ts';
import { sessionVerbRoutes } from './routes/session-verbs.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { schemaController } from './schema-controller.ts';
import { SocketDoor } from './sockets/socket-door.ts';
import { socketRoute } from './sockets/socket-route.ts';
import { terminalRoutes } from './sockets/terminals/terminal-routes.ts';
import { isSocketRequest, routeUpgrades } from './sockets/upgrades.ts';
import { answerUnroutable } from './unroutable-request.ts';
import { refuseUnknownQueries } from './validation.ts';

/**
 * All routes behind their door, not listening yet. `shutdown` is aborted when the server is told to stop; `describe` is called before
 * there are routes.
 */
export async function createApp(
  dependencies: HttpDependencies,
  shutdown: AbortSignal,
  describe?: (app: Api) => Promise<void>,
): Promise<Api> {
  const { authenticate, logger } = dependencies;
  const app: Api = Fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    exposeHeadRoutes: false,
    // A request that comes while the server stops gets a problem, from the door.
    return503OnClosing: false,
    // The door answers a missing Host itself, with a problem too.
    http: { requireHostHeader: false, shouldUpgradeCallback: isSocketRequest },
    schemaController,
    clientErrorHandler: answerMalformedRequest,
    frameworkErrors: (error, request, reply) => void answerUnroutable(error, request, reply, dependencies),
  }).withTypeProvider<ZodTypeProvider>();
  acceptOnlyJson(app);
  refuseUnknownQueries(app);
  installAccessLog(app, logger);
  installDoor(app, { authenticate, shutdown });
  installErrorHandling(app, dependencies);
  const sockets = new SocketDoor(routeUpgrades(app), { ...dependencies, shutdown });
  await describe?.(app);

  healthRoutes(app);
  sessionRoutes(app, dependencies);
  sessionVerbRoutes(app, dependencies);
  runRoutes(app, dependencies);
  runVerbRoutes(app, dependencies);
  rawLogRoutes(app, dependencies);
  permissionRoutes(app, dependencies);
  auditRoutes(app, dependencies);
  eventRoutes(app, { ...dependencies, shutdown });
  socketRoute(app, sockets, { ...dependencies, shutdown });
  terminalRoutes(app, sockets, { ...dependencies, shutdown });
  profileRoutes(app, dependencies);
  openApiRoutes(app);
  await app.ready();
  return app;
}

/** How long a request, not its answer, may take to arrive. */
const requestTimeoutMs = 60_000;

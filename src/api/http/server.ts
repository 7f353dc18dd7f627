import type { AddressInfo } from 'node:net';
import { AppError } from '../../kernel/app-error.ts';
import { onceOnly } from '../../kernel/lifecycle.ts';
import type { Api, HttpDependencies } from './api.ts';
import { createApp } from './app.ts';

/** Started once and stopped once, however often it is asked. */
export interface HttpServer {
  /** Resolves with where it listens, such as `http://127.0.0.1:4870`; rejects where it cannot. */
  start(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * The REST API on loopback. `stop` refuses new requests, ends event streams so that their readers come back with their cursors,
 * waits for the answers under way, and cuts what is still open after two seconds.
 */
export function createHttpServer(dependencies: HttpDependencies): HttpServer {
  const { config, clock } = dependencies;
  const shutdown = new AbortController();
  let app: Api | undefined;
  let openAnswers = 0;
  // A connection on which nothing was ever asked counts as busy for Node, so it is our own count that says when to cut them all.
  const cutWhenDone = () => {
    if (shutdown.signal.aborted && openAnswers === 0) app?.server.closeAllConnections();
  };
  const lifecycle = onceOnly({
    async start() {
      app = await createApp(dependencies, shutdown.signal);
      app.server.on('request', (_request, response) => {
        openAnswers += 1;
        response.once('close', () => {
          openAnswers -= 1;
          cutWhenDone();
        });
      });
      await listen(app, config);
    },
    async stop() {
      shutdown.abort();
      const closed = app?.close();
      cutWhenDone();
      const late = clock.setTimer(closeGraceMs, () => app?.server.closeAllConnections());
      await closed;
      late.cancel();
    },
  });
  return {
    async start() {
      await lifecycle.start();
      return urlOf(app?.server.address() as AddressInfo);
    },
    stop: () => lifecycle.stop(),
  };
}

async function listen(app: Api, { host, port }: HttpDependencies['config']): Promise<void> {
  await app.listen({ host: addressOf(host), port }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new AppError(
      'config_invalid',
      `The port ${port} is taken; stop what listens there, or choose another port (0: any)`,
    );
  });
}

const closeGraceMs = 2_000;

/** One socket, always on loopback: what "localhost" means to the resolver of this machine is never asked. */
function addressOf(host: HttpDependencies['config']['host']): '127.0.0.1' | '::1' {
  return host === '::1' ? '::1' : '127.0.0.1';
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

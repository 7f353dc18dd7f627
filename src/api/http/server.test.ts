import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import { silentLogger } from '../../kernel/logger.ts';
import type { HttpDependencies } from './api.ts';
import { startApi } from './api-under-test.ts';
import { createHttpServer } from './server.ts';

const serverOn = (config: HttpDependencies['config']) =>
  createHttpServer({ clock: systemClock, logger: silentLogger, config } as unknown as HttpDependencies);

describe('createHttpServer', () => {
  it('listens on loopback only (ATTACKS 8)', async () => {
    await using api = await startApi();
    expect(api.url).toBe(`http://127.0.0.1:${api.port}`);
    const others = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    for (const { address } of others.filter(({ internal, family }) => !internal && family === 'IPv4')) {
      await expect(fetch(`http://${address}:${api.port}/v1/health`)).rejects.toThrow('fetch failed');
    }
  });

  it('takes "localhost" for 127.0.0.1, whatever the machine takes it for', async () => {
    const server = serverOn({ host: 'localhost', port: 0 });
    expect(await server.start()).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await server.stop();
  });

  it('says what to do where its port is taken', async () => {
    await using api = await startApi();
    const server = serverOn({ host: '127.0.0.1', port: api.port });
    await expect(server.start()).rejects.toMatchObject({ code: 'config_invalid' });
    await expect(server.start()).rejects.toThrow(`The port ${api.port} is taken`);
    await server.stop();
  });

  it('starts and stops once, however often it is asked, and may be stopped before it starts', async () => {
    const server = serverOn({ host: '127.0.0.1', port: 0 });
    const [first, second] = await Promise.all([server.start(), server.start()]);
    expect(first).toBe(second);
    await Promise.all([server.stop(), server.stop()]);
    await serverOn({ host: '127.0.0.1', port: 0 }).stop();
  });

  it('does not wait for a connection on which nothing was asked when it stops', async () => {
    const timeStandsStill = { ...systemClock, setTimer: () => ({ cancel: () => undefined }) };
    const config = { host: '127.0.0.1', port: 0 } as const;
    const server = createHttpServer({
      clock: timeStandsStill,
      logger: silentLogger,
      config,
    } as unknown as HttpDependencies);
    const socket = connect(Number(new URL(await server.start()).port), '127.0.0.1');
    await once(socket, 'connect');
    const cut = once(socket, 'close');
    socket.on('error', () => undefined).resume();
    await server.stop();
    await cut;
  });

  it('waits for an answer under way when it stops, and refuses what comes then', async () => {
    const asked = Promise.withResolvers<undefined>();
    const released = Promise.withResolvers<undefined>();
    const api = await startApi({
      supervisor: {
        async sessions() {
          asked.resolve(undefined);
          await released.promise;
          return [];
        },
      },
    });
    const underWay = api.send('GET', '/v1/sessions');
    await asked.promise;
    const stopping = api.stop();
    const late = await api.send('GET', '/v1/profiles').then(
      ({ status }) => status,
      (error: unknown) => (error as NodeJS.ErrnoException).code,
    );
    // Whether a connection is still accepted is a matter of moments.
    expect([503, 'ECONNREFUSED', 'ECONNRESET']).toContain(late);
    released.resolve(undefined);
    expect((await underWay).json).toEqual({ sessions: [] });
    await stopping;
  });
});

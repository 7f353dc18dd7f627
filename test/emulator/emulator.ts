import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anthropic } from './anthropic/anthropic.ts';
import { deliver, deliverError } from './deliver.ts';
import { createIds } from './ids.ts';
import type { ModelApi } from './model-api.ts';
import { recordRequest, type RecordedRequest } from './recorded-request.ts';
import type { Script } from './reply.ts';
import { Scenario } from './scenario.ts';

/** The model APIs that are spoken here; each recognises its own requests. */
const apis: readonly ModelApi[] = [anthropic];

/** A model on loopback that says what the test tells it to. */
export interface Emulator extends AsyncDisposable {
  /** What an agent gets as its API's base URL: `ANTHROPIC_BASE_URL`. */
  baseUrl(scenario: string): string;
  /** Sets a scenario's replies and starts it from the first. */
  script(scenario: string, script: Script): void;
  /** Every request so far, in order of arrival. */
  requests(scenario: string): readonly RecordedRequest[];
  /** Resolves with a scenario's nth model request (from 0) as soon as it is there. */
  request(scenario: string, index: number): Promise<RecordedRequest>;
  /** Lets the scenario's stalled streams go on. */
  release(scenario: string): void;
  /** Destroys open sockets; idempotent. */
  stop(): Promise<void>;
}

export interface EmulatorOptions {
  /** @default 0: any free port */
  readonly port?: number;
}

/** Starts an emulator on 127.0.0.1. */
export async function startEmulator({ port = 0 }: EmulatorOptions = {}): Promise<Emulator> {
  const scenarios = new Map<string, Scenario>();
  const ids = createIds();
  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => fail(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, name = '', path = '/'] = /^\/s\/([^/?]+)(.*)$/.exec(incoming.url ?? '') ?? [];
    const scenario = scenarioOf(decodeURIComponent(name));
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const request = await recordRequest(incoming, path === '' ? '/' : path);
    for (const api of apis) {
      const ask = api.recognise(request);
      if (ask?.kind === 'model') {
        const { numbered, reply } = scenario.take(request);
        if (reply === undefined) {
          const message = `Scenario "${name}" has no script: call emulator.script("${name}", [...]) first`;
          deliverError(response, { status: 400, message }, { api, ids });
          return;
        }
        const { stall } = scenario;
        await deliver(response, reply, { api, request: numbered, stream: ask.stream, ids, stall, signal: gone.signal });
        return;
      }
      if (ask?.kind === 'fixed') {
        scenario.record(request);
        sendJson(response, 200, ask.body);
        return;
      }
    }
    scenario.record(request);
    if (request.method === 'HEAD') response.writeHead(200).end();
    else sendJson(response, 404, { error: `No model API answers ${request.method} ${request.path}` });
  }

  function scenarioOf(name: string): Scenario {
    let scenario = scenarios.get(name);
    if (scenario === undefined) {
      scenario = new Scenario();
      scenarios.set(name, scenario);
    }
    return scenario;
  }

  function stop(): Promise<void> {
    return new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  return {
    baseUrl: (scenario) => `${origin}/s/${encodeURIComponent(scenario)}`,
    script: (scenario, script) => void (scenarioOf(scenario).script = script),
    requests: (scenario) => scenarioOf(scenario).requests,
    request: (scenario, index) => scenarioOf(scenario).request(index),
    release: (scenario) => scenarioOf(scenario).release(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** The client has gone, or a script threw: the first needs nothing, the second shows in the test as a plain 400. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.destroyed) return;
  if (response.headersSent) response.destroy();
  else sendJson(response, 400, { type: 'error', error: { type: 'invalid_request_error', message: String(error) } });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

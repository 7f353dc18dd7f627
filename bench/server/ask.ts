import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';

/** Requests on connections that stay open, with as little in between as Node has: the client must not be what is measured. */
export class Requests implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  get headers(): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${this.#token}` };
  }

  /** The answer's JSON as it is; rejects where that is no success. */
  async ask(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
    return JSON.parse(await this.askText(method, path, body));
  }

  async askText(method: 'GET' | 'POST', path: string, body?: object): Promise<string> {
    const headers = { ...this.headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const sent = request(`${this.#url}${path}`, { method, headers, agent: this.#agent });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const answer = await text(response);
    if ((response.statusCode ?? 500) >= 300)
      throw new Error(`${method} ${path} answered ${response.statusCode}: ${answer}`);
    return answer;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

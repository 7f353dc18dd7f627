import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../kernel/app-error.ts';
import { headersOf } from './headers-of.ts';

/**
 * Lets only requests in that were meant for this server: a page that rebinds its own name to loopback (DNS rebinding) sends that
 * name as Host, and a page on another site sends its site as Origin. A missing Origin is no proof of anything; the token still is.
 * Throws AppError `invalid_request`, `host_refused` or `origin_refused`.
 */
export function checkOwnAddress(request: IncomingMessage): void {
  const names = ownNames(request.socket.localPort);
  checkTarget(request.url);
  checkHost(headersOf(request, 'host'), names);
  checkOrigin(request.headers.origin, names);
}

function ownNames(port: number | undefined): string[] {
  const names = ['127.0.0.1', 'localhost', '[::1]'];
  const withPort = names.map((name) => `${name}:${port}`);
  return port === 80 ? [...withPort, ...names] : withPort;
}

/** The absolute form `GET http://host/path` names a host of its own; only a proxy has a use for it. */
function checkTarget(target = ''): void {
  if (target.startsWith('/')) return;
  throw new AppError('host_refused', 'The request target must be a path such as "/v1/health"');
}

function checkHost(hosts: readonly string[], names: readonly string[]): void {
  const [host, ...others] = hosts;
  if (host === undefined || others.length > 0) {
    throw new AppError('invalid_request', `Expected one Host header, found ${hosts.length}`);
  }
  if (names.includes(host.toLowerCase())) return;
  throw new AppError('host_refused', `The Host "${host}" is not this server; use ${names.join(', ')}`);
}

function checkOrigin(origin: string | undefined, names: readonly string[]): void {
  if (origin === undefined || names.some((name) => origin === `http://${name}`)) return;
  throw new AppError('origin_refused', `Pages of the origin "${origin}" may not call this server`);
}

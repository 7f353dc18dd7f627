import type { IncomingMessage } from 'node:http';
import { socketProtocol, tokenProtocolPrefix } from '../../../contracts/socket.ts';
import { AppError } from '../../../kernel/app-error.ts';
import { headersOf } from '../door/headers-of.ts';

type Headers = Pick<IncomingMessage, 'rawHeaders'>;

/** The tokens among the protocols that a WebSocket offers: where a browser has to put its own, since it can set no header. */
export function offeredTokens(request: Headers): string[] {
  return offeredProtocols(request)
    .filter((name) => name.startsWith(tokenProtocolPrefix))
    .map((name) => name.slice(tokenProtocolPrefix.length));
}

/** Whoever offers protocols must offer ours; who offers none means it. Throws AppError `invalid_request`. */
export function checkOfferedProtocols(request: Headers): void {
  const offered = offeredProtocols(request);
  if (offered.length === 0 || offered.includes(socketProtocol)) return;
  // What was offered is not quoted: it may be a token.
  throw new AppError('invalid_request', `Offer "${socketProtocol}" in Sec-WebSocket-Protocol; no other is spoken here`);
}

function offeredProtocols(request: Headers): string[] {
  const headers = headersOf(request, 'sec-websocket-protocol');
  return headers.flatMap((header) => header.split(',')).map((name) => name.trim());
}

import type { Socket } from 'node:net';
import { AppError } from '../../kernel/app-error.ts';
import { problemType, toProblem } from './problem.ts';

/** Answers bytes that are no HTTP request, or too slow or too large to become one: there is no request and no reply yet. */
export function answerMalformedRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { status, reason, detail } = answers[error.code ?? ''] ?? malformed;
  const body = JSON.stringify({ ...toProblem(new AppError('invalid_request', detail)), status });
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    `Content-Type: ${problemType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

const malformed = { status: 400, reason: 'Bad Request', detail: 'This is not an HTTP/1.1 request' };

const answers: Readonly<Record<string, typeof malformed>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, reason: 'Request Timeout', detail: 'The request took too long to arrive' },
  HPE_HEADER_OVERFLOW: { status: 431, reason: 'Request Header Fields Too Large', detail: 'The headers are too large' },
};

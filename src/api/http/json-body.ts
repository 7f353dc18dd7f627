import { AppError } from '../../kernel/app-error.ts';
import type { Api } from './api.ts';

/** A page on another site can send forms and plain text without being asked by the browser first; so only JSON is read. */
export function acceptOnlyJson(app: Api): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    const text = decode(bytes);
    if (text === null) return done(new AppError('invalid_request', 'The body is not UTF-8'));
    void parse(request, text, (error, body) => done(error === null ? null : explained(error, text), body));
  });
}

function decode(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Fastify's own sentence does not say what is wrong. */
function explained(error: Error, text: string): Error {
  if (text === '') return error;
  try {
    JSON.parse(text);
    return new AppError('invalid_request', 'The body has a key that no object may have: "__proto__", or "constructor"');
  } catch (cause) {
    return new AppError('invalid_request', `The body is not valid JSON: ${(cause as Error).message}`, {}, { cause });
  }
}

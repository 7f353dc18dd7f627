import type { Ids } from '../model-api.ts';
import type { ApiError } from '../reply.ts';
import { serverSentEvent } from './server-sent-event.ts';

/** https://docs.anthropic.com/en/api/errors */
const types: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** The JSON body of an HTTP error. */
export function errorBody(error: ApiError, ids: Ids): object {
  return { ...wireError(error), request_id: ids('req') };
}

/** The `error` event of a stream that has begun well. */
export function errorEvent(error: ApiError): string {
  return serverSentEvent(wireError(error));
}

function wireError({ status, type, message }: ApiError) {
  return {
    type: 'error',
    error: { type: type ?? types[status] ?? 'api_error', message: message ?? `Emulated error ${status}` },
  };
}

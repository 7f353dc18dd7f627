import type { ApiError, MessageReply } from './reply.ts';
import type { RecordedRequest } from './recorded-request.ts';

/** One vendor's API: a folder here. It puts replies into its own shapes; sending, holding and breaking them is `deliver`. */
export interface ModelApi {
  /** What a request wants from this API; undefined when it belongs to another. */
  recognise(request: RecordedRequest): Ask | undefined;
  /** The reply as server-sent events, one string per event, blank line included. */
  events(reply: MessageReply, request: RecordedRequest, ids: Ids): readonly string[];
  /** The event that reports trouble in mid stream. */
  errorEvent(error: ApiError): string;
  /** The reply as one JSON answer. */
  message(reply: MessageReply, request: RecordedRequest, ids: Ids): object;
  /** The body that goes with an HTTP error status. */
  errorBody(error: ApiError, ids: Ids): object;
}

export type Ask =
  /** A model request: takes the script's next reply. */
  | { readonly kind: 'model'; readonly stream: boolean }
  /** Answered without the script. */
  | { readonly kind: 'fixed'; readonly body: object };

/** The next id with this prefix; never the same twice in one emulator. */
export type Ids = (prefix: string) => string;

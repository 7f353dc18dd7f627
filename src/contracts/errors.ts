/**
 * The registry of refusals. Each code appears in docs/errors.md (a test compares them) and becomes an RFC 9457 problem over HTTP.
 * `status` is what HTTP answers; `title` names the kind of trouble, the error's own detail names the value and the way out.
 */
export const errorRegistry = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  token_in_url: { status: 400, title: 'A token must not stand in a URL' },
  unauthenticated: { status: 401, title: 'A valid bearer token is needed' },
  origin_refused: { status: 403, title: 'This origin may not call this server' },
  not_found: { status: 404, title: 'Nothing is there under this name' },
  newer_layout: { status: 409, title: 'Only a newer release can go on with this' },
  already_resolved: { status: 409, title: 'Somebody has answered already' },
  unsupported: { status: 409, title: 'The agent cannot do this' },
  workspace_busy: { status: 409, title: 'Another process works in the directory' },
  wrong_state: { status: 409, title: 'This is not possible in the present state' },
  no_longer_kept: { status: 410, title: 'This is no longer kept' },
  payload_too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'The body is not of a type that is read here' },
  range_not_satisfiable: { status: 416, title: 'The range lies outside' },
  host_refused: { status: 421, title: 'The Host header does not name this server' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used for another request' },
  unknown_profile: { status: 422, title: 'There is no such profile' },
  workspace_refused: { status: 422, title: 'The workspace cannot be used' },
  log_damaged: { status: 500, title: 'The stored log is damaged' },
  internal: { status: 500, title: 'The server made a mistake' },
  shutting_down: { status: 503, title: 'The server is shutting down' },
  config_invalid: { status: 500, title: 'The configuration is not valid' },
  data_directory_locked: { status: 500, title: 'Another server holds the data directory' },
  data_directory_invalid: { status: 500, title: 'The data directory cannot be used' },
  compiler_missing: { status: 500, title: 'The holder could not be built' },
  stale_epoch: { status: 500, title: 'Another server has taken over' },
  server_unreachable: { status: 502, title: 'The server did not answer' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorRegistry;

/** Unlike that of any other process, so that a session which goes on in a new process never hears an id again. */
const life = `${Date.now().toString(36)}${process.pid.toString(36)}`;
let made = 0;

/** Ids of messages, tools and questions. */
export function newId(): string {
  return `${life}-${++made}`;
}

export function newSessionId(): string {
  return `scripted-${life}`;
}

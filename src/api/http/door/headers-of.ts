import type { IncomingMessage } from 'node:http';

/** All headers of a name, in order: of some, Node itself keeps the first and forgets the others. */
export function headersOf({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>, name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}

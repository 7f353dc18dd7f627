import { AppError } from '../../../kernel/app-error.ts';

/** What our own tokens begin with. */
const tokenPrefix = 'drv_';

const tokenNames: ReadonlySet<string> = new Set(['token', 'access_token', 'api_key', 'authorization']);

/** URLs end up in logs, histories and Referer headers. Throws AppError `token_in_url`. */
export function refuseTokenInUrl(url: string): void {
  if (!hasTokenInUrl(url)) return;
  throw new AppError(
    'token_in_url',
    'Send the token in the Authorization header ("Bearer …"), and replace this one: it may have been logged',
  );
}

/** Whether the query or the path carries a token, or something that was meant as one. */
export function hasTokenInUrl(url: string): boolean {
  const [path = '', query = ''] = url.split(/\?(.*)/s, 2);
  const isToken = (text: string) => text.trimStart().toLowerCase().startsWith(tokenPrefix);
  return (
    path.split('/').some((segment) => isToken(decoded(segment))) ||
    [...new URLSearchParams(query)].some(
      ([name, value]) => tokenNames.has(name.toLowerCase()) || isToken(name) || isToken(value),
    )
  );
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

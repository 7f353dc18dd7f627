import { AppError } from '../../../kernel/app-error.ts';

/** A whole token of ours, wherever it stands. */
const wholeToken = /drv_[A-Za-z0-9_-]{43}/;

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
    [url, decoded(url)].some((text) => wholeToken.test(text)) ||
    path.split('/').some((segment) => isToken(decoded(segment))) ||
    [...new URLSearchParams(query)].some(
      ([name, value]) => tokenNames.has(name.toLowerCase()) || isToken(name) || isToken(value),
    )
  );
}

/** With all of ASCII as it is meant, which is all that a token is made of; what is no escape stays, and hides nothing. */
function decoded(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}

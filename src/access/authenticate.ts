import { timingSafeEqual } from 'node:crypto';
import type { Owner } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import { hashToken, tokenPattern } from './token.ts';

/** Who sends a request, by its `Authorization` header; null for nobody we know, whatever is wrong with the header. */
export type Authenticate = (authorizationHeader: string | undefined) => Promise<Owner | null>;

/**
 * The token is hashed and looked up by its hash: how long the look-up takes says nothing about a token, since nobody can choose
 * the hash of a guess. Rejects only where the store does.
 */
export function createAuthenticate(store: Pick<Store, 'tokenByHash'>): Authenticate {
  return async (authorizationHeader) => {
    const token = bearerToken(authorizationHeader);
    if (token === null) return null;
    const hash = hashToken(token);
    const row = await store.tokenByHash(hash);
    if (row === null || !timingSafeEqual(Buffer.from(row.hash, 'hex'), Buffer.from(hash, 'hex'))) return null;
    return { tenantId: row.tenantId, userId: row.userId };
  };
}

/** RFC 6750 §2.1; the scheme's case does not matter (RFC 9110 §11.1). */
function bearerToken(header: string | undefined): string | null {
  const token = header === undefined ? undefined : /^bearer +(\S+) *$/i.exec(header)?.[1];
  return token !== undefined && tokenPattern.test(token) ? token : null;
}

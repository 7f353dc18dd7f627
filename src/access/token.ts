import { createHash, randomBytes } from 'node:crypto';

/** What a bearer token looks like: 32 random bytes behind a prefix that scanners for leaked secrets can look for. */
export const tokenPattern = /^drv_[A-Za-z0-9_-]{43}$/;

export function newToken(): string {
  return `drv_${randomBytes(32).toString('base64url')}`;
}

/** SHA-256, hexadecimal: all that is kept of a token. It has 256 random bits, so that a slow hash would add nothing. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

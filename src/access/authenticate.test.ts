import { expect, it } from 'vitest';
import { exampleId } from '../store/exercise/example-rows.ts';
import { createAuthenticate } from './authenticate.ts';
import { hashToken, newToken } from './token.ts';

const owner = { tenantId: exampleId('ten'), userId: exampleId('usr') };
const token = newToken();
const row = { ...owner, id: 'local', hash: hashToken(token), createdAt: '2026-01-01T00:00:00.000Z' };
const authenticate = createAuthenticate({ tokenByHash: async (hash) => (hash === row.hash ? row : null) });

it.each([`Bearer ${token}`, `bearer ${token}`, `BEARER   ${token} `])(
  'knows the owner of the token in "%s"',
  async (header) => {
    expect(await authenticate(header)).toEqual(owner);
  },
);

it.each([
  ['no header', undefined],
  ['an empty one', ''],
  ['a scheme alone', 'Bearer'],
  ['another scheme', `Basic ${token}`],
  ['a bare token', token],
  ['another token', `Bearer ${newToken()}`],
  ['a token with more behind it', `Bearer ${token}x`],
  ['two tokens', `Bearer ${token} ${token}`],
  ['two headers in one', `Bearer ${token}, Bearer ${token}`],
  ['a hash in place of its token', `Bearer ${row.hash}`],
  ['control characters', `Bearer \u0000${token}`],
  ['megabytes', `Bearer ${'x'.repeat(5_000_000)}`],
  ['megabytes of spaces', `Bearer ${' '.repeat(5_000_000)}`],
])('knows nobody by %s', async (_, header) => {
  expect(await authenticate(header)).toBeNull();
});

it('knows nobody by a row that is not the one that was asked for', async () => {
  const confused = createAuthenticate({ tokenByHash: async () => ({ ...row, hash: hashToken(newToken()) }) });
  expect(await confused(`Bearer ${token}`)).toBeNull();
});

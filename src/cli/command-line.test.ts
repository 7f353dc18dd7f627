import { expect, it } from 'vitest';
import { commandLine } from './command-line.ts';

it('names the same server, in words that a shell takes as they are', () => {
  expect(commandLine(['approve', 'prm_1'], {})).toBe('drover approve prm_1');
  const options = { url: 'http://127.0.0.1:4870', tokenFile: '~/my token', dataDir: "it's/here" };
  expect(commandLine(['approve', 'prm_1', '--deny'], options)).toBe(
    `drover approve prm_1 --deny --url http://127.0.0.1:4870 --token-file '~/my token' --data-dir 'it'\\''s/here'`,
  );
});

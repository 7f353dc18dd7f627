import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { Io } from './io.ts';

/** The prompt that the words of a command line are; a single "-" reads it from stdin. */
export async function readPrompt(words: readonly string[], io: Pick<Io, 'stdin'>, command: Command): Promise<string> {
  const prompt =
    words.length === 1 && words[0] === '-' ? await text(io.stdin as AsyncIterable<Uint8Array>) : words.join(' ');
  if (prompt.trim() === '') command.error('error: there is no prompt; say what to do, or "-" to read it from stdin');
  return prompt;
}

import type { Chunks } from './reply.ts';

/** Cuts a text into the pieces its deltas carry; never through a surrogate pair, never more pieces than characters. */
export function chunked(text: string, chunks: Chunks = 2): readonly string[] {
  if (typeof chunks !== 'number') return chunks;
  const characters = Array.from(text);
  const size = Math.max(1, Math.ceil(characters.length / Math.max(1, chunks)));
  const pieces: string[] = [];
  for (let start = 0; start < characters.length; start += size) {
    pieces.push(characters.slice(start, start + size).join(''));
  }
  return pieces;
}

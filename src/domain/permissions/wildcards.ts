/** The literal pieces of a pattern; between each and the next stands any run of characters. */
export type Wildcards = readonly string[];

/** What a backslash makes harmless in a pattern for tools and commands; before anything else it stands for itself. */
const escapableInText = '*\\';

/** The same in a pattern for paths; the contract refuses the further ones where they stand bare. */
export const escapableInPaths = '*\\[]{}?!';

/** @example parseWildcards('a\\**c') // ['a*', 'c'] */
export function parseWildcards(pattern: string, escapable = escapableInText): Wildcards {
  const pieces: string[] = [];
  let piece = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const next = pattern.charAt(at + 1);
    if (pattern[at] === '\\' && next !== '' && escapable.includes(next)) {
      piece += next;
      at += 1;
    } else if (pattern[at] === '*') {
      pieces.push(piece);
      piece = '';
    } else {
      piece += pattern.charAt(at);
    }
  }
  return [...pieces, piece];
}

/** A pattern that matches this text and no other. */
export function escapeWildcards(text: string, escapable = escapableInText): string {
  return Array.from(text, (character) => (escapable.includes(character) ? `\\${character}` : character)).join('');
}

/**
 * Whether a pattern fits a text from its first character to its last; upper and lower case are different.
 *
 * Each piece is taken where it comes first. That is enough, also where `barrier` keeps runs from some characters: whatever a later place
 * would leave to the next run, the run before it would have to span. So nothing is tried twice; a regular expression could be made to
 * take for ever.
 *
 * @param barrier What no run may contain. @default nothing
 */
export function matchesWildcards(pattern: Wildcards, text: string, barrier?: RegExp): boolean {
  const first = pattern[0] ?? '';
  if (pattern.length === 1) return text === first;
  const last = pattern.at(-1) ?? '';
  const end = text.length - last.length;
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const maySpan = (from: number, to: number) => barrier?.test(text.slice(from, to)) !== true;
  let at = first.length;
  for (const piece of pattern.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found === -1 || found + piece.length > end || !maySpan(at, found)) return false;
    at = found + piece.length;
  }
  return maySpan(at, end);
}

/** Whether a pattern is nothing but wildcards. */
export function matchesEverything(pattern: Wildcards): boolean {
  return pattern.length > 1 && pattern.every((piece) => piece === '');
}

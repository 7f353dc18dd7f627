/**
 * What agents say, made harmless for a terminal: nothing in it can move the cursor, set a title, fill the clipboard, make a link or
 * turn the reading direction. Control characters become visible signs of themselves; newlines and tabs stay.
 */
export function inertText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(unsafe, visible);
}

/** The same on one line. */
export function inertLine(text: string): string {
  return inertText(text)
    .replaceAll(/[\n\t]+/g, ' ')
    .trim();
}

/** A value as one line of JSON that reads the same and is as harmless. */
export function inertJson(value: unknown): string {
  return JSON.stringify(value).replace(unsafe, (character) => `\\u${hex(character)}`);
}

/**
 * C0 but for tab and newline, DEL, C1 (U+009B begins a sequence as ESC [ does), the marks, embeddings, overrides and isolates of
 * bidirectional text, and the separators that some terminals take for line ends.
 */
// eslint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : `<U+${hex(character).toUpperCase()}>`;
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, '0');
}

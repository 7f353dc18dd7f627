/**
 * What a line of terminal bytes says to a driver: without escape sequences (ECMA-48) and control characters, TAB excepted, and with
 * a JSON object that stands behind other words as a line of its own. No line at all where nothing is left of it. Nothing that a
 * program wrote as JSON is lost: JSON has its control characters escaped. No line is put together again, because none is wrapped: the
 * columns of a terminal are the business of who looks at it. Pure; linear in the length of the line.
 */
export function terminalLines(line: string): readonly string[] {
  const text = plain(line);
  if (text === '' && line !== '') return [];
  const start = startOfJson(text);
  return start > 0 ? [text.slice(0, start), text.slice(start)] : [text];
}

/**
 * Control sequences; strings of the kinds OSC (up to BEL or ST) and DCS, SOS, PM, APC (up to ST); other escape sequences, among them
 * the beginning of one that does not end in this line; single controls. The 8-bit forms (C1) and DEL are text: in UTF-8 hardly any
 * terminal obeys them, and JSON may hold them as they are. No alternative reads past an ESC, so that none is read twice.
 */
const controls =
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]*[0-~])|[\x00-\x08\x0a-\x1f]/g;

function plain(line: string): string {
  return line.replace(controls, '');
}

/** Where the JSON object begins in which the line ends; 0 where it is all of the line, -1 where there is none. */
function startOfJson(text: string): number {
  const start = text.indexOf('{"');
  if (start <= 0 || !text.trimEnd().endsWith('}')) return start;
  try {
    JSON.parse(text.slice(start));
    return start;
  } catch {
    return -1;
  }
}

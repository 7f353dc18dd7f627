import { matchesEverything, matchesWildcards, parseWildcards } from './wildcards.ts';

/**
 * What may begin a second command, or hide one, in any usual shell. In a rule that allows, `*` never stands for one of them, whether
 * quoted or not: telling the two apart takes a shell, and a mistake would run what nobody has allowed.
 *
 * - `;` `&` `|` and the ends of lines: another command
 * - backtick, `$`: the output of another command; `$` alone as well, for `${x@P}` and `${x:-$(…)}` run commands, and a variable is
 *   text that whoever wrote the rule has not seen
 * - `<` `>`: a file is read or overwritten; process substitution
 * - `(` `)`: a subshell, a function; in zsh also the code in a glob's qualifier
 * - other control characters, but for the tab: shells differ in what they make of them
 */
// eslint-disable-next-line no-control-regex -- control characters are what this is about
const shellControl = /[;&|`$<>()\u0000-\u0008\u000a-\u001f\u007f]/;

/** Whether all that a command line does is covered by a pattern: what rules that allow ask. */
export function coversCommand(pattern: string, command: string): boolean {
  const wildcards = parseWildcards(trimBlanks(pattern));
  if (matchesEverything(wildcards)) return true;
  return matchesWildcards(wildcards, trimBlanks(command), shellControl);
}

/** Whether a pattern fits any of the commands that were found within a line: what rules that deny or ask want to know. */
export function fitsAnyCommand(pattern: string, commands: readonly string[]): boolean {
  const wildcards = parseWildcards(trimBlanks(pattern));
  return commands.some((command) => matchesWildcards(wildcards, command));
}

/** Without the blanks and line ends around it. Not `trim`: to a shell, the other spaces of Unicode are parts of words. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charAt(start))) start += 1;
  while (end > start && isBlank(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\n' || character === '\r';
}

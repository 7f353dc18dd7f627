import { commandsFrom } from './commands-from.ts';
import { trimBlanks } from './match-command.ts';
import { isQuoting, quoted, withoutRedirections } from './shell-text.ts';

/**
 * The commands that a shell may find within a command line, for rules that deny or ask: the line itself, its parts between control
 * operators, and each part without what may stand in front of a command (`X=1 sudo -u me …`).
 *
 * A net with wide meshes, not a sandbox: variables, escapes within names and a program's own ways of starting others are not looked
 * through. Where a line can be read in two ways, both count: rather one part too many.
 */
export function commandsWithin(line: string): string[] {
  // A shell takes a backslash at the end of a line out, together with the end of the line.
  const joined = line.replaceAll('\\\n', '');
  const texts = new Set([joined, ...withoutRedirections(joined)].flatMap((text) => [text, tidy(text)]));
  const parts = new Set([...texts].flatMap(partsOf));
  return [...new Set([trimBlanks(line), ...[...parts].flatMap(commandsFrom)])];
}

/** A rule is written with single blanks. */
function tidy(text: string): string {
  return text.replace(/[ \t]+/g, ' ');
}

function partsOf(text: string): string[] {
  return [
    // As if quotes meant nothing: `$(…)` is looked into within them.
    ...text.split(/[;&|\n\r`()]/),
    ...(isQuoting.test(text) ? (text.match(unquotedParts) ?? []) : []),
    ...(runsText.test(text) ? text.split(/[;&|\n\r`()"']/) : []),
  ];
}

const unquotedParts = new RegExp(`(?:${quoted}|[^;&|\\n\\r\`()])+`, 'g');

/** What takes commands as a text, which mostly is quoted: `bash -c "rm x"`. */
const runsText = /(?:^|[\s;&|(/`"'])(?:eval|su|\w{0,8}sh)(?=\s|$)/;

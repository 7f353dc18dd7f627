/** A text in quotes, or one character behind a backslash. */
export const quoted = String.raw`"[^"\\]*(?:\\[^][^"\\]*)*"|'[^']*'|\\[^]`;

export const isQuoting = /["'\\]/;

/**
 * A command line without its redirections, which may stand between and before words: `>out 2>&1 rm x` is `rm x`. In two readings, since
 * what looks like one may be quoted: with quotes, and as if they meant nothing.
 */
export function withoutRedirections(line: string): string[] {
  if (!/[<>]/.test(line)) return [];
  return [
    line.replace(redirectionOrQuoted, (match, text: string | undefined) => (text === undefined ? ' ' : match)),
    line.replace(redirection, ' '),
  ];
}

/** Names of descriptors are short, so that a long row of digits is not gone through again from each of them. */
const descriptor = String.raw`(?:\d{1,9}|\{\w{1,64}\}|&)?`;
const target = `(?:${quoted}|[^\\s;&|()<>"'\`\\\\])+`;
const redirectionText = `${descriptor}(?:<<<|<<-?|<>|>>|>\\||[<>]&|[<>])[ \\t]*${target}`;
const redirection = new RegExp(redirectionText, 'g');
const redirectionOrQuoted = new RegExp(`(${quoted})|${redirectionText}`, 'g');

import { trimBlanks } from './match-command.ts';
import { isQuoting, quoted } from './shell-text.ts';

/** A part of a command line from each place where its command may begin; also with the bare name of a program in quotes or a directory. */
export function commandsFrom(part: string): string[] {
  const text = trimBlanks(part);
  if (text === '') return [];
  const starts = [bareWord, ...(isQuoting.test(text) ? [quotedWord] : [])].flatMap((word) => startsOf(text, word));
  return [
    text,
    ...starts.flatMap(({ at, word }) => {
      const command = text.slice(at);
      const name = nameOf(word);
      return name === word ? [command] : [command, name + command.slice(word.length)];
    }),
  ];
}

interface Start {
  readonly at: number;
  readonly word: string;
}

const bareWord = /[^ \t\n\r]+/g;
const quotedWord = new RegExp(`(?:${quoted}|[^ \\t\\n\\r"'\\\\]|["'\\\\])+`, 'g');

/** A line of nothing but `env env env …` must not become as many copies of itself. */
const mostStartsEach = 8;

/** Goes through what may stand in front of a command. A word behind an option may be the option's, or the command. */
function startsOf(text: string, words: RegExp): Start[] {
  const starts: Start[] = [];
  let isAfterPrefix = false;
  let isAfterOption = false;
  let own = 0;
  for (const { 0: word, index: at } of text.matchAll(words)) {
    if (setting.test(word)) continue;
    if (isAfterPrefix && /^[-+]/.test(word)) {
      isAfterOption = true;
      continue;
    }
    starts.push({ at, word });
    const words = prefixes.get(nameOf(word));
    if (words !== undefined) {
      isAfterPrefix = true;
      own = words;
    } else if (!isAfterPrefix || (!isAfterOption && own === 0)) {
      break;
    } else if (!isAfterOption) {
      own -= 1;
    }
    isAfterOption = false;
  }
  if (starts.length <= 2 * mostStartsEach) return starts;
  return [...starts.slice(0, mostStartsEach), ...starts.slice(-mostStartsEach)];
}

/** `NAME=value` */
const setting = /^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/;

/** A program's name without quotes and without its directory. */
function nameOf(word: string): string {
  return word.replace(/["'\\]/g, '').replace(/^.*\/(?=.)/s, '');
}

/** What a command may follow, each with the number of words of its own that it takes beside its options. */
const prefixes: ReadonlyMap<string, number> = new Map([
  ...['!', '{', 'do', 'elif', 'else', 'if', 'then', 'until', 'while'].map((name) => [name, 0] as const),
  ...['builtin', 'command', 'doas', 'env', 'eval', 'exec', 'ionice', 'nice', 'nohup'].map((name) => [name, 0] as const),
  ...['setsid', 'stdbuf', 'sudo', 'time', 'xargs'].map((name) => [name, 0] as const),
  ...['bash', 'dash', 'ksh', 'sh', 'zsh'].map((name) => [name, 0] as const),
  ...['chroot', 'coproc', 'flock', 'function', 'taskset', 'timeout'].map((name) => [name, 1] as const),
]);

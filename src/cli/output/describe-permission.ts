import type { Permission } from '../../contracts/permission.ts';
import { inertJson, inertLine, inertText } from '../inert-text.ts';
import { formatDuration } from './figures.ts';

/** What is asked for, in lines that are inert: whoever allows it has to see all that would be run. */
export function describePermission({ tool, command, paths, rawInput }: Permission): string[] {
  const [first = '', ...rest] = inertText(command ?? '').split('\n');
  return [
    command === null ? `tool ${inertLine(tool)}` : `${inertLine(tool)}: ${first}`,
    ...rest.map((line) => `│ ${line}`),
    ...paths.map((path) => `in ${inertLine(path)}`),
    ...(command === null && rawInput !== null ? [`with ${clipped(inertJson(rawInput))}`] : []),
  ];
}

/** What "always" would allow from now on. */
export function describeAlways({ tool, command, paths }: Pick<Permission, 'tool' | 'command' | 'paths'>): string {
  if (command !== null) return 'this very command';
  const [path] = paths;
  return path === undefined ? `everything with ${inertLine(tool)}` : `${inertLine(tool)} of ${inertLine(path)}`;
}

/** A file's whole content would push everything else off the screen. */
const shownChars = 2_000;

function clipped(text: string): string {
  return text.length <= shownChars
    ? text
    : `${text.slice(0, shownChars)}… (${text.length - shownChars} characters more)`;
}

/** How long is still waited, and what then: "4m 50s, then deny". */
export function describeDeadline({ deadlineAt, otherwise }: Pick<Permission, 'deadlineAt' | 'otherwise'>, now: number) {
  return `${formatDuration(Date.parse(deadlineAt) - now)}, then ${otherwise}`;
}

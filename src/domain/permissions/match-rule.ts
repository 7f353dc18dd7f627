import type { PermissionRule } from '../../contracts/policy.ts';
import { commandsWithin } from './commands-within.ts';
import { isReadableCommand, isReadablePath } from './limits.ts';
import { coversCommand, fitsAnyCommand } from './match-command.ts';
import { matchesBelow, matchesPath } from './match-path.ts';
import type { PermissionSubject } from './subject.ts';
import { matchesWildcards, parseWildcards } from './wildcards.ts';

/** A subject with what every rule would have to find out anew. */
export interface PreparedSubject extends PermissionSubject {
  /** Of a command that is too long to be looked into, nothing is known. */
  readonly commandsWithin: readonly string[] | 'unknown';
}

export function prepareSubject(subject: PermissionSubject): PreparedSubject {
  const { command } = subject;
  if (command === null) return { ...subject, commandsWithin: [] };
  return { ...subject, commandsWithin: isReadableCommand(command) ? commandsWithin(command) : 'unknown' };
}

/** Whether the conditions of a rule hold for all that a subject does: what it takes to allow it. */
export function coversSubject(rule: PermissionRule, subject: PreparedSubject): boolean {
  if (!fitsTool(rule, subject.tool)) return false;
  if (rule.command === undefined && rule.path === undefined) return true;
  return (
    subject.isFullyKnown &&
    (rule.command === undefined || coversCommandOf(subject, rule.command)) &&
    (rule.path === undefined || coversPathsOf(subject, rule.path)) &&
    // Whatever paths an agent names for a command line, the command can reach others: paths alone never allow one.
    (rule.command !== undefined || subject.command === null)
  );
}

function coversCommandOf({ command, commandsWithin }: PreparedSubject, pattern: string): boolean {
  return command !== null && commandsWithin !== 'unknown' && coversCommand(pattern, command);
}

function coversPathsOf({ paths, workspace }: PreparedSubject, pattern: string): boolean {
  return paths.length > 0 && paths.every((path) => isReadablePath(path) && matchesPath(pattern, path, workspace));
}

/** Whether the conditions of a rule hold for any part of what a subject does: enough to deny it, or to ask. */
export function touchesSubject(rule: PermissionRule, subject: PreparedSubject): boolean {
  return (
    fitsTool(rule, subject.tool) &&
    (rule.command === undefined || touchesCommandOf(subject, rule.command)) &&
    (rule.path === undefined || touchesPathsOf(subject, rule.path))
  );
}

function touchesCommandOf({ commandsWithin }: PreparedSubject, pattern: string): boolean {
  return commandsWithin === 'unknown' || fitsAnyCommand(pattern, commandsWithin);
}

function touchesPathsOf({ paths, isSearch = false, workspace }: PreparedSubject, pattern: string): boolean {
  return paths.some(
    (path) =>
      !isReadablePath(path) ||
      matchesPath(pattern, path, workspace) ||
      (isSearch && matchesBelow(pattern, path, workspace)),
  );
}

function fitsTool(rule: PermissionRule, tool: string): boolean {
  return rule.tool === undefined || matchesWildcards(parseWildcards(rule.tool), tool);
}

import type { PermissionSummary } from '../../contracts/permission.ts';
import type { LiveRun, Run } from '../../contracts/resources.ts';
import { inertLine, inertText } from '../inert-text.ts';
import { describeDeadline } from './describe-permission.ts';
import { formatBytes, formatDuration } from './figures.ts';
import { formatAge } from './table.ts';

export interface RunSurroundings {
  /** What the run waits to be told. */
  readonly permissions: readonly PermissionSummary[];
  /** How many runs of its session wait, this one included. */
  readonly waiting: number;
  readonly now: number;
}

/** One run in full, for people: a label and its lines, which are inert; what there is nothing to say of is left out. */
export function describeRun(run: Run, { permissions, waiting, now }: RunSurroundings): string {
  const { state, reason, requestedVerb, live, usage } = run;
  const rows: [string, ...string[]][] = [
    ['run', run.id],
    ['state', `${state}${reason === null ? '' : ` (${reason})`}, for ${formatAge(run.since, now)}`],
    ['evidence', run.evidence],
    ['asked to', ...(requestedVerb === null ? [] : [requestedVerb])],
    ...describeLive(live),
    ['queue', ...(state === 'queued' ? [`${waiting} waiting in its session, this one included`] : [])],
    ['waits for', ...permissions.map((one) => describeWaiting(one, now))],
    [
      'rules',
      ...(run.permissions.isAllowAll ? ['ALLOW ALL: nothing is denied or asked'] : []),
      ...run.permissions.rules,
    ],
    ['profile', run.profile],
    ['session', run.sessionId],
    ['attempts', `${run.attempts}`],
    ['created', run.createdAt],
    ['started', ...presentOnly(run.startedAt)],
    ['ended', ...presentOnly(run.endedAt)],
    ['used', `${usage.inputTokens} tokens in, ${usage.outputTokens} out, $${usage.costUsd.toFixed(4)}`],
  ];
  const width = Math.max(...rows.map(([label]) => label.length)) + 2;
  const table = rows.flatMap(([label, ...lines]) =>
    lines.map((line, index) => `${(index === 0 ? label : '').padEnd(width)}${inertLine(line)}\n`),
  );
  return [...table, ...longText('prompt', run.prompt), ...longText('answer', run.answer)].join('');
}

function describeLive(live: LiveRun | null): [string, ...string[]][] {
  if (live === null) return [];
  const { silentMs, sinceProgressMs, cpuMs, memoryBytes, processes } = live;
  return [
    ['doing', live.doing],
    ['silent', ...(silentMs === null ? [] : [`for ${formatDuration(silentMs)}`])],
    ['progress', ...(sinceProgressMs === null ? [] : [`${formatDuration(sinceProgressMs)} ago`])],
    ['cpu', ...(cpuMs === null ? [] : [formatDuration(cpuMs)])],
    ['memory', ...(memoryBytes === null ? [] : [formatBytes(memoryBytes)])],
    ['processes', `${processes === null ? '' : `${processes}, `}the agent is ${live.pid}`],
  ];
}

function describeWaiting(permission: PermissionSummary, now: number): string {
  return `${permission.id} ${permission.title} (${describeDeadline(permission, now)})`;
}

function presentOnly(text: string | null): string[] {
  return text === null ? [] : [text];
}

function longText(label: string, text: string | null): string[] {
  return text === null || text === '' ? [] : [`\n${label}:\n${inertText(text).trimEnd()}\n`];
}

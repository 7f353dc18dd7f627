import type { Event, EventData } from '../../contracts/events.ts';
import { inertLine, inertText } from '../inert-text.ts';
import { formatDuration } from './figures.ts';

/** What the events of how a run is controlled say, each on lines of its own; undefined for those of other kinds. */
export function describeControl(event: Event): string | undefined {
  switch (event.type) {
    case 'run.steered':
      return `> ${inertText(event.data.prompt)}`;
    case 'run.edited':
      return `> (changed) ${inertText(event.data.prompt)}`;
    case 'run.paused':
      return '❚❚ paused';
    case 'run.resumed':
      return '▶ goes on';
    case 'run.limit_reached':
      return `! a limit is reached (${event.data.limit}), the run is stopped: ${inertLine(event.data.message)}`;
    case 'session.paused':
      return '❚❚ the session is paused: nothing new starts in it';
    case 'session.resumed':
      return '▶ the session goes on';
    default:
      return undefined;
  }
}

/** Who decided what a question comes to, and by which rule. */
export function describeAnswer({ decision, by, rule }: EventData<'permission.resolved'>): string {
  const cause = rule === undefined ? '' : `: ${inertLine(rule)}`;
  return `  ${decision === 'allow' ? 'allowed' : 'denied'} by ${by}${cause}`;
}

/** How to answer a question that is put to people; undefined where the policy answers it at once. */
export function describeHowToAnswer(
  { at, data: { deadlineAt, otherwise = 'deny' } }: Extract<Event, { type: 'permission.requested' }>,
  command: string,
): string | undefined {
  if (deadlineAt === undefined) return undefined;
  const left = formatDuration(Date.parse(deadlineAt) - Date.parse(at));
  return `  allow it: ${command} (deny it: --deny; without an answer in ${left}: ${otherwise})`;
}

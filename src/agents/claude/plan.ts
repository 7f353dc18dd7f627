import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { NewEvent } from '../../contracts/events.ts';
import type { ClaudeState, PlanTask } from './state.ts';

/**
 * Claude Code keeps its plan with tools: older releases rewrite it whole (TodoWrite), newer ones keep numbered tasks (TaskCreate,
 * TaskUpdate, TaskList). Their results say what the plan has become; a call may be refused, so inputs prove nothing.
 */
export function planAfter(plan: readonly PlanTask[], tool: string, result: unknown): readonly PlanTask[] {
  const change = changes.get(tool);
  return change === undefined ? plan : change(plan, result);
}

/** The event that tells the new plan, where it is another. */
export function planEvents(before: ClaudeState['plan'], after: ClaudeState['plan']): NewEvent[] {
  if (isDeepStrictEqual(before, after)) return [];
  const entries = after.map(({ content, status }) => ({ content, status, priority: 'medium' as const }));
  return [{ type: 'plan', data: { entries } }];
}

type Change = (plan: readonly PlanTask[], result: unknown) => readonly PlanTask[];

const Status = z.enum(['pending', 'in_progress', 'completed']);
const Todos = z.object({ newTodos: z.array(z.object({ content: z.string(), status: Status })) });
const Created = z.object({ task: z.object({ id: z.string(), subject: z.string() }) });
const Updated = z.object({
  success: z.literal(true),
  taskId: z.string(),
  statusChange: z.object({ to: z.union([Status, z.literal('deleted')]) }),
});
const Listed = z.object({ tasks: z.array(z.object({ id: z.string(), subject: z.string(), status: Status })) });

const changes: ReadonlyMap<string, Change> = new Map(
  Object.entries<Change>({
    TodoWrite: when(Todos, (_plan, { newTodos }) => newTodos.map((todo, index) => ({ id: String(index), ...todo }))),
    TaskCreate: when(Created, (plan, { task }) => [...plan, { id: task.id, content: task.subject, status: 'pending' }]),
    TaskUpdate: when(Updated, (plan, { taskId, statusChange: { to } }) =>
      plan.flatMap((task) => (task.id !== taskId ? [task] : to === 'deleted' ? [] : [{ ...task, status: to }])),
    ),
    TaskList: when(Listed, (_plan, { tasks }) =>
      tasks.map(({ id, subject, status }) => ({ id, content: subject, status })),
    ),
  }),
);

function when<Result>(
  schema: z.ZodType<Result>,
  change: (plan: readonly PlanTask[], result: Result) => readonly PlanTask[],
): Change {
  return (plan, result) => {
    const { success, data } = schema.safeParse(result);
    return success ? change(plan, data) : plan;
  };
}

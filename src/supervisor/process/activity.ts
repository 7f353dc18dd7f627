import type { AppendedEvent } from '../../log/event-log.ts';
import type { EventType } from '../../contracts/events.ts';

/** What says nothing about whether the agent gets any further. */
const notProgress: ReadonlySet<EventType> = new Set([
  'agent.output',
  'agent.diagnostic',
  'model.retrying',
  'rate_limit.reported',
  'log.truncated',
  'process.started',
  'process.adopted',
  'run.verb_requested',
  'run.paused',
  'run.resumed',
  'run.limit_reached',
  'session.policy_changed',
] satisfies EventType[]);

/** What an agent is at, by the last that it said. Kept up with every event, so it only keeps what came last. */
export class Activity {
  /** Titles of the tool calls that are open, by their ids. */
  readonly #tools = new Map<string, string>();
  #last: AppendedEvent | undefined;

  /** The titles of the tool calls that are open. */
  get openTools(): readonly string[] {
    return [...this.#tools.values()];
  }

  /** Whether any of these events is progress. */
  take(events: readonly AppendedEvent[]): boolean {
    let isProgress = false;
    for (const event of events) {
      if (notProgress.has(event.type)) {
        if (event.type === 'model.retrying') this.#last = event;
        continue;
      }
      isProgress = true;
      this.#last = event;
      if (event.type === 'tool_call' || event.type === 'tool_call_update') this.#takeTool(event);
    }
    return isProgress;
  }

  /** In one line, for people. */
  get doing(): string {
    const tools = this.openTools;
    const last = this.#last;
    if (last?.type === 'permission.requested') return `waits for a permission: ${last.data.title}`;
    if (last?.type === 'model.retrying') {
      const of = last.data.maxAttempts === null ? '' : ` of ${last.data.maxAttempts}`;
      return `waits for the model, attempt ${last.data.attempt}${of}: ${last.data.error}`;
    }
    if (tools.length > 0)
      return tools.length === 1 ? (tools[0] ?? '') : `${tools.at(-1) ?? ''} (and ${tools.length - 1} more)`;
    if (last === undefined) return 'has not said anything yet';
    return phrases[last.type] ?? 'works';
  }

  /** A turn has ended: nothing of it is open any more. */
  reset(): void {
    this.#tools.clear();
    this.#last = undefined;
  }

  #takeTool({ data }: Extract<AppendedEvent, { type: 'tool_call' | 'tool_call_update' }>): void {
    const { toolCallId, title, status } = data;
    if (status === 'completed' || status === 'failed') this.#tools.delete(toolCallId);
    else if (title !== undefined) this.#tools.set(toolCallId, title);
  }
}

const phrases: Partial<Record<EventType, string>> = {
  agent_message_chunk: 'writes an answer',
  agent_thought_chunk: 'thinks',
  'message.completed': 'has said something',
  plan: 'plans',
  'permission.resolved': 'goes on after a permission',
  tool_call_update: 'has used a tool',
  'terminal.output': 'writes on its terminal',
};

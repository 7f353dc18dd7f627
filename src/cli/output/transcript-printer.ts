import type { Event, EventData } from '../../contracts/events.ts';
import { inertLine, inertText } from '../inert-text.ts';
import { describeAnswer, describeControl, describeHowToAnswer } from './describe-control.ts';
import type { Paper } from './paper.ts';
import { EndingPrinter } from './print-ending.ts';
import { MessagePrinter } from './print-messages.ts';
import { ToolCallPrinter } from './print-tool-calls.ts';

export interface TranscriptOptions {
  /** Whether prompts are printed too: to read a session later, not where the user has just typed it. @default false */
  readonly withPrompts?: boolean;
  /** The command that answers a permission. @default `drover approve <id>` */
  readonly answerCommand?: (permissionId: string) => string;
}

/** Prints events for people: what the agent says and does in full, what Drover knows only where it matters. */
export class TranscriptPrinter {
  readonly #paper: Paper;
  readonly #withPrompts: boolean;
  readonly #answerCommand: (permissionId: string) => string;
  readonly #messages: MessagePrinter;
  readonly #toolCalls: ToolCallPrinter;
  readonly #ending: EndingPrinter;
  #hasSpoken = false;
  #plan: readonly string[] = [];

  constructor(paper: Paper, { withPrompts = false, answerCommand = plainAnswer }: TranscriptOptions = {}) {
    this.#paper = paper;
    this.#withPrompts = withPrompts;
    this.#answerCommand = answerCommand;
    this.#messages = new MessagePrinter(paper);
    this.#toolCalls = new ToolCallPrinter(paper);
    this.#ending = new EndingPrinter(paper);
  }

  print(event: Event): void {
    switch (event.type) {
      case 'agent_message_chunk':
        this.#hasSpoken = true;
        return this.#messages.chunk(event.data, 'agent');
      case 'agent_thought_chunk':
        return this.#messages.chunk(event.data, 'thought');
      case 'message.completed':
        this.#hasSpoken ||= event.data.role === 'agent' && event.data.isDiscarded !== true;
        return this.#messages.completed(event.data);
      case 'usage.recorded':
        return this.#ending.used(event.data);
      case 'run.started':
        this.#hasSpoken = false;
        return this.#ending.started(event);
      default:
        return this.#printApart(event);
    }
  }

  /** A remark of this program itself, between the events. */
  remark(text: string): void {
    this.#messages.interrupt();
    this.#paper.line(this.#paper.style.dim(inertLine(text)));
  }

  /** Something that the user is to decide about: not to be overlooked. */
  ask(text: string): void {
    this.#messages.interrupt();
    this.#paper.line(this.#paper.style.bold(inertLine(text)));
  }

  /** What stands on lines of its own; types that are not named here are not printed. */
  #printApart(event: Event): void {
    const { dim, yellow } = this.#paper.style;
    const print = (text: string, paint = dim) => {
      this.#messages.interrupt();
      this.#paper.line(paint(text));
    };
    switch (event.type) {
      case 'tool_call':
        this.#messages.interrupt();
        return this.#toolCalls.begin(event.data);
      case 'tool_call_update':
        this.#messages.interrupt();
        return this.#toolCalls.update(event.data);
      case 'run.ended':
        this.#messages.interrupt();
        return this.#ending.ended(event, this.#hasSpoken);
      case 'run.queued':
        return this.#withPrompts ? print(`> ${inertText(event.data.prompt)}`, this.#paper.style.bold) : undefined;
      case 'plan':
        return this.#changesOf(event.data).forEach((line) => print(line));
      case 'permission.requested': {
        print(`? ${inertLine(event.data.title)}`, yellow);
        const howTo = describeHowToAnswer(event, this.#answerCommand(event.data.permissionId));
        return howTo === undefined ? undefined : print(howTo);
      }
      case 'permission.resolved':
        return print(describeAnswer(event.data), yellow);
      case 'model.retrying':
        return print(describeRetry(event.data), yellow);
      case 'rate_limit.reported':
        return print(describeRateLimit(event.data));
      case 'auth.required':
        return print(`! ${inertLine(event.data.message)}`, yellow);
      case 'agent.output':
        return print(`${event.data.stream} │ ${inertText(event.data.text ?? '(a very long line)')}`);
      case 'agent.diagnostic':
        return print(`stderr │ ${inertText(event.data.text)}`);
      case 'process.adopted':
        return print('(the server came back; the agent had gone on)');
      case 'log.truncated':
        return print(
          `! ${event.data.stream} was cut from ${event.data.expectedBytes} to ${event.data.foundBytes} bytes`,
          yellow,
        );
      default: {
        const control = describeControl(event);
        return control === undefined ? undefined : print(control, yellow);
      }
    }
  }

  /** A plan comes whole each time; only the entries that are not as they were are worth a line. */
  #changesOf({ entries }: EventData<'plan'>): string[] {
    const lines = entries.map(({ status, content }) => `  ${planSigns[status]} ${inertLine(content)}`);
    const known = new Set(this.#plan);
    this.#plan = lines;
    return lines.filter((line) => !known.has(line));
  }
}

const plainAnswer = (permissionId: string) => `drover approve ${permissionId}`;

const planSigns = { pending: '☐', in_progress: '◐', completed: '☑' } as const;

function describeRetry({ attempt, maxAttempts, delayMs, httpStatus, error }: EventData<'model.retrying'>): string {
  const number = maxAttempts === null ? `${attempt}` : `${attempt} of ${maxAttempts}`;
  const cause = [...(httpStatus === null ? [] : [httpStatus]), inertLine(error)].join(' ');
  return `! the model did not answer (${cause}); the agent tries again in ${(delayMs / 1000).toFixed(1)} s, retry ${number}`;
}

function describeRateLimit({ status, window, resetsAt }: EventData<'rate_limit.reported'>): string {
  return [
    `rate limit: ${inertLine(status)}`,
    ...(window === null ? [] : [inertLine(window)]),
    ...(resetsAt === null ? [] : [`resets at ${resetsAt}`]),
  ].join(', ');
}

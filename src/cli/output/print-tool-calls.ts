import type { ToolCallContent } from '../../contracts/agent-events.ts';
import type { EventData } from '../../contracts/events.ts';
import { inertLine, inertText } from '../inert-text.ts';
import { diffLines, type DiffLine } from './diff-lines.ts';
import type { Paper } from './paper.ts';
import { textOf } from './print-messages.ts';

/** Prints a tool call when it begins, and what became of it when it ends. */
export class ToolCallPrinter {
  readonly #paper: Paper;
  readonly #calls = new Map<string, Call>();

  constructor(paper: Paper) {
    this.#paper = paper;
  }

  begin(data: EventData<'tool_call'>): void {
    this.#paper.line(`${this.#paper.style.bold('●')} ${inertLine(data.title)}`);
    this.#calls.set(data.toolCallId, { title: data.title, content: [] });
    this.update(data);
  }

  update({ toolCallId, title, status, content }: EventData<'tool_call_update'>): void {
    const call = this.#calls.get(toolCallId) ?? { title: title ?? 'a tool', content: [] };
    if (title !== undefined && title !== call.title) this.#paper.line(`  ${this.#paper.style.dim(inertLine(title))}`);
    call.title = title ?? call.title;
    call.content = content ?? call.content;
    this.#calls.set(toolCallId, call);
    if (status !== 'completed' && status !== 'failed') return;
    this.#calls.delete(toolCallId);
    for (const part of call.content) this.#show(part);
    const { green, red } = this.#paper.style;
    this.#paper.line(`  ${status === 'completed' ? green('✓ done') : red('✗ failed')}`);
  }

  #show(part: ToolCallContent): void {
    if (part.type === 'diff') {
      this.#paper.line(`  ${this.#paper.style.dim(inertLine(part.path))}`);
      for (const line of diffLines(part.oldText, part.newText)) this.#paper.line(`  ${this.#paintDiff(line)}`);
      return;
    }
    const lines = inertText(textOf([part.content]))
      .replace(/\n+$/, '')
      .split('\n');
    const shown = lines.slice(0, longestOutput);
    for (const line of shown) if (line !== '') this.#paper.line(`  ${this.#paper.style.dim(line)}`);
    if (lines.length > shown.length)
      this.#paper.line(this.#paper.style.dim(`  … ${lines.length - shown.length} more lines`));
  }

  #paintDiff({ sign, text }: DiffLine): string {
    const { green, red, dim } = this.#paper.style;
    const paint = { '+': green, '-': red, ' ': dim, '…': dim }[sign];
    return paint(`${sign} ${inertText(text)}`);
  }
}

interface Call {
  title: string;
  content: readonly ToolCallContent[];
}

const longestOutput = 12;

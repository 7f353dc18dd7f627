import type { ContentBlock } from '../../contracts/agent-events.ts';
import type { EventData } from '../../contracts/events.ts';
import { inertLine, inertText } from '../inert-text.ts';
import type { Paper } from './paper.ts';

type Chunk = EventData<'agent_message_chunk'>;
type Completed = EventData<'message.completed'>;

/** Prints what the agent says as it says it, and of a complete message only what was not heard yet. */
export class MessagePrinter {
  readonly #paper: Paper;
  /** What has been printed of messages that are not complete. */
  readonly #heard = new Map<string, string>();
  /** The message that the last line belongs to, while nothing else has come in between. */
  #open: string | null = null;

  constructor(paper: Paper) {
    this.#paper = paper;
  }

  chunk({ messageId, content }: Chunk, role: 'agent' | 'thought'): void {
    const text = textOf([content]);
    this.#heard.set(messageId, (this.#heard.get(messageId) ?? '') + text);
    this.#say(messageId, text, role);
  }

  completed({ messageId, role, content, isDiscarded = false }: Completed): void {
    if (role === 'user') return;
    const heard = this.#heard.get(messageId) ?? '';
    this.#heard.delete(messageId);
    if (isDiscarded) {
      if (heard !== '') this.#paper.line(this.#paper.style.dim('(the agent took this back)'));
      return;
    }
    const text = textOf(content);
    if (text.startsWith(heard)) return this.#say(messageId, text.slice(heard.length), role);
    this.#paper.line(this.#paper.style.dim('(the agent says this again, differently)'));
    this.#say(messageId, text, role);
  }

  /** Something else is printed now: what comes of a message begins on a line of its own. */
  interrupt(): void {
    this.#open = null;
    this.#paper.endLine();
  }

  #say(messageId: string, text: string, role: 'agent' | 'thought'): void {
    if (text === '') return;
    if (this.#open !== messageId) this.interrupt();
    this.#open = messageId;
    this.#paper.write(inertText(text), role === 'thought' ? this.#paper.style.dim : undefined);
  }
}

export function textOf(content: readonly ContentBlock[]): string {
  return content
    .map((block) => {
      if (block.type === 'text') return block.text;
      return block.type === 'image'
        ? `[image ${inertLine(block.mimeType)}]`
        : `[${inertLine(block.name)} ${inertLine(block.uri)}]`;
    })
    .join('');
}

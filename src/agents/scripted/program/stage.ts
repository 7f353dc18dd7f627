import type { ToolKind } from '../../../contracts/agent-events.ts';
import type { WireLine } from '../wire.ts';
import type { Input } from './input.ts';
import type { Questions } from './questions.ts';
import type { Steering } from './steering.ts';
import type { FieldsOf } from './vocabulary.ts';
import { newId } from './ids.ts';
import { emit } from './output.ts';

/** Where the steps of one turn play: what they may use, and what the turn has come to so far. */
export class Stage {
  readonly prompt: string;
  /** Aborts when the turn is interrupted. */
  readonly signal: AbortSignal;
  readonly input: Input;
  readonly questions: Questions;
  readonly steering: Steering;
  readonly #unfinished = new Set<() => void>();
  #lastMessage = '';
  #hasEnded = false;

  constructor(parts: Pick<Stage, 'prompt' | 'signal' | 'input' | 'questions' | 'steering'>) {
    this.prompt = parts.prompt;
    this.signal = parts.signal;
    this.input = parts.input;
    this.questions = parts.questions;
    this.steering = parts.steering;
  }

  /** Begins a message that is said piece by piece. */
  openMessage(role: 'agent' | 'thought'): { add(text: string): void; finish(): void } {
    const id = newId();
    let whole = '';
    return {
      add: (text) => {
        whole += text;
        emit({ type: role === 'agent' ? 'text' : 'thinking', id, text });
      },
      finish: this.#onceOnly(() => {
        if (role === 'agent') this.#lastMessage = whole;
        emit({ type: 'message_done', id, role, text: whole });
      }),
    };
  }

  /** Says a whole message at once. */
  say(text: string): void {
    this.#lastMessage = text;
    emit({ type: 'message_done', id: newId(), role: 'agent', text });
  }

  openTool(title: string, kind: ToolKind, input: unknown): Tool {
    const id = newId();
    let result: ToolResult = { ok: false };
    emit({ type: 'tool_started', id, title, kind, input });
    const finish = this.#onceOnly(() => {
      if (result.output !== undefined) emit({ type: 'tool_output', id, text: result.output });
      emit({ type: 'tool_done', id, ok: result.ok, ...(result.diff !== undefined && { diff: result.diff }) });
    });
    return {
      finish: (end) => {
        result = end;
        finish();
      },
    };
  }

  /** The terminal event: the first one counts, steps behind it say nothing about the turn any more. */
  end({ outcome = 'succeeded', reason, message, answer = this.#lastMessage }: FieldsOf<'end'>): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.steering.close();
    this.#unfinished.clear();
    const reasonOrDefault = reason ?? (outcome === 'failed' ? 'internal' : null);
    emit({ type: 'turn_ended', outcome, reason: reasonOrDefault, message: message ?? null, answer });
  }

  /** Ends what has been begun, then the turn: messages are what has been said of them, tools have failed. */
  interrupt(): void {
    if (this.#hasEnded) return;
    for (const finish of this.#unfinished) finish();
    this.end({ outcome: 'interrupted', message: 'The turn was interrupted.' });
  }

  #onceOnly(act: () => void): () => void {
    const finish = (): void => {
      if (this.#unfinished.delete(finish)) act();
    };
    this.#unfinished.add(finish);
    return finish;
  }
}

export interface Tool {
  finish(result: ToolResult): void;
}

export interface ToolResult {
  readonly ok: boolean;
  readonly output?: string;
  readonly diff?: NonNullable<Extract<WireLine, { type: 'tool_done' }>['diff']>;
}

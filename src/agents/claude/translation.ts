import type { z } from 'zod';
import type { NewEvent } from '../../contracts/events.ts';
import type { Intent, Translation } from '../driver.ts';
import type { ClaudeState } from './state.ts';

export type ClaudeTranslation = Translation<ClaudeState>;

export type Translator = (state: ClaudeState, native: unknown) => ClaudeTranslation;

const none: readonly never[] = [];

export function understood(
  state: ClaudeState,
  events: readonly NewEvent[] = none,
  intents: readonly Intent[] = none,
): ClaudeTranslation {
  return { state, events, intents, isRecognised: true };
}

export function notUnderstood(state: ClaudeState): ClaudeTranslation {
  return { state, events: none, intents: none, isRecognised: false };
}

/** A translator of lines of one shape; a line of another shape is not understood. */
export function reading<Native>(
  schema: z.ZodType<Native>,
  translate: (state: ClaudeState, native: Native) => ClaudeTranslation,
): Translator {
  return (state, native) => {
    const parsed = schema.safeParse(native);
    return parsed.success ? translate(state, parsed.data) : notUnderstood(state);
  };
}

/** Recognised lines that say nothing an event says. */
export const silent: Translator = (state) => understood(state);

/** The field by which a subagent's events point at the tool call that started it. */
export function under(parent: string | null | undefined): { parentToolCallId?: string } {
  return parent === null || parent === undefined ? {} : { parentToolCallId: parent };
}

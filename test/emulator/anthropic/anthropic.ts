import type { ModelApi } from '../model-api.ts';
import { errorBody, errorEvent } from './error.ts';
import { events } from './events.ts';
import { message } from './message.ts';
import { recognise } from './recognise.ts';

/** Anthropic Messages, https://docs.anthropic.com/en/api/messages. */
export const anthropic: ModelApi = { recognise, events, errorEvent, message, errorBody };

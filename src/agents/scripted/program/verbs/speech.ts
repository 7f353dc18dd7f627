import type { Stage } from '../stage.ts';
import type { FieldsOf } from '../vocabulary.ts';
import type { Perform } from './performers.ts';
import { breathe, pause } from '../interruptible.ts';

export const say: Perform<'say'> = (fields, stage) => speak('agent', fields, stage);
export const think: Perform<'think'> = (fields, stage) => speak('thought', fields, stage);

/** As messages, each line is an event that stays in the log for ever; as chunks, one that goes when the message is complete. */
export const numbered: Perform<'numbered'> = async (fields, stage) => {
  const { count, prefix = '', as = 'messages', everyMs } = fields;
  const burst = fields.burst ?? (everyMs === undefined ? 256 : 1);
  const message = as === 'chunks' ? stage.openMessage('agent') : null;
  for (let number = 1; number <= count; number++) {
    if (message === null) stage.say(`${prefix}${number}`);
    else message.add(`${prefix}${number}\n`);
    if (number % burst !== 0 || number === count) continue;
    await (everyMs === undefined ? breathe(stage.signal) : pause(everyMs, stage.signal));
  }
  message?.finish();
};

async function speak(role: 'agent' | 'thought', fields: FieldsOf<'say'>, stage: Stage): Promise<void> {
  const { text, chunks = 1, delayMs = 0, leaveOpen = false } = fields;
  const message = stage.openMessage(role);
  for (const [index, piece] of split(text, chunks).entries()) {
    if (index > 0 && delayMs > 0) await pause(delayMs, stage.signal);
    message.add(piece);
  }
  if (!leaveOpen) message.finish();
}

/** Equal pieces, at most `count` of them; no character is cut in two. */
function split(text: string, count: number): string[] {
  const characters = Array.from(text);
  const size = Math.max(1, Math.ceil(characters.length / Math.max(1, count)));
  const pieces = [];
  for (let start = 0; start < characters.length; start += size) {
    pieces.push(characters.slice(start, start + size).join(''));
  }
  return pieces;
}

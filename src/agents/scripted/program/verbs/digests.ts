import type { Perform } from './performers.ts';
import { createHash } from 'node:crypto';

/** Says what has come, in few words: for prompts of many megabytes. */
export const promptDigest: Perform<'promptDigest'> = (_fields, stage) => stage.say(digest(Buffer.from(stage.prompt)));

/** Reads the bytes behind the prompt's line as they are. */
export const readStdinRaw: Perform<'readStdinRaw'> = async ({ bytes }, stage) => {
  const taken = await stage.input.takeBytes(bytes, stage.signal);
  stage.signal.throwIfAborted();
  stage.say(digest(taken));
};

function digest(bytes: Buffer): string {
  return `${bytes.length} bytes, sha256 ${createHash('sha256').update(bytes).digest('hex')}`;
}

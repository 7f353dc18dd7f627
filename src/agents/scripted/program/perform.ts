import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Conversation } from './conversation.ts';
import type { Script } from './read-script.ts';
import { readScript } from './read-script.ts';

/**
 * The scripted agent: plays scripts as a coding agent would work (README.md beside this folder). Few imports, none from npm, and
 * verbs are loaded when they are first played: fifty of these are started at once.
 */
const { values: options } = parseArgs({ options: { script: { type: 'string' }, resume: { type: 'string' } } });
const conversation = new Conversation(loadScript(options.script), options.resume);
process.on('SIGINT', () => conversation.interrupt());
await conversation.perform();
process.exit(0);

function loadScript(path: string | undefined): Script {
  if (path === undefined) return { start: [], turns: [] };
  try {
    return readScript(readFileSync(path, 'utf8'));
  } catch (error) {
    console.error(`scripted agent: the script "${path}" cannot be played: ${(error as Error).message}`);
    return process.exit(2);
  }
}

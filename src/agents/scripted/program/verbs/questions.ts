import type { Perform } from './performers.ts';
import { newId } from '../ids.ts';
import { interruptible } from '../interruptible.ts';
import { emit } from '../output.ts';

/** Asks, waits for the answer and says what it was. */
export const permission: Perform<'permission'> = async (fields, stage) => {
  const id = newId();
  const asked = stage.questions.ask(id);
  const { title, paths, ...rest } = fields;
  emit({ type: 'permission', id, title, ...rest, ...(paths !== undefined && { paths: [...paths] }) });
  const { decision, updatedInput, message } = await interruptible(asked, stage.signal);
  if (decision === 'allow')
    stage.say(`Allowed: ${title}${updatedInput ? ` with ${JSON.stringify(updatedInput)}` : ''}`);
  else stage.say(`Denied: ${title}${message ? `, because: ${message}` : ''}`);
};

/** Says whether the program has an environment variable, and only on demand what it holds. */
export const env: Perform<'env'> = ({ name, show = false }, stage) => {
  const value = process.env[name];
  if (value === undefined) stage.say(`${name} is not set`);
  else stage.say(show ? `${name}=${value}` : `${name} is set`);
};

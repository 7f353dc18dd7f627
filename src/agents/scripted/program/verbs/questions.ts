import type { Perform } from './performers.ts';
import { newId } from '../ids.ts';
import { interruptible } from '../interruptible.ts';
import { emit } from '../output.ts';

/** Asks, waits for the answer and says what it was. */
export const permission: Perform<'permission'> = async ({ title, input }, stage) => {
  const id = newId();
  const answer = stage.questions.ask(id);
  emit({ type: 'permission', id, title, input });
  const decision = await interruptible(answer, stage.signal);
  stage.say(`${decision === 'allow' ? 'Allowed' : 'Denied'}: ${title}`);
};

/** Says whether the program has an environment variable, and only on demand what it holds. */
export const env: Perform<'env'> = ({ name, show = false }, stage) => {
  const value = process.env[name];
  if (value === undefined) stage.say(`${name} is not set`);
  else stage.say(show ? `${name}=${value}` : `${name} is set`);
};

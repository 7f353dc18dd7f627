import type { Perform } from './performers.ts';
import { interruptible } from '../interruptible.ts';

/** Waits until something is said into the turn, and says it back. */
export const awaitSteer: Perform<'awaitSteer'> = async ({ say = true }, stage) => {
  const text = await interruptible(stage.steering.next(), stage.signal);
  if (say) stage.say(text === null ? 'Nobody steers any more' : `Steered: ${text}`);
};

import type { Stage } from './stage.ts';
import type { FieldsOf, Step, Verb } from './vocabulary.ts';
import { ScriptError } from './read-script.ts';
import { performers } from './verbs/performers.ts';

/** Plays a turn to its terminal event. Where the script does not end it, it succeeds with the last message as its answer. */
export async function playTurn(stage: Stage, loadSteps: () => Promise<readonly Step[]>): Promise<void> {
  try {
    await playSteps(await loadSteps(), stage);
    stage.end({});
  } catch (error) {
    const reason = error instanceof ScriptError ? 'invalid_request' : 'internal';
    if (stage.signal.aborted) stage.interrupt();
    else stage.end({ outcome: 'failed', reason, message: (error as Error).message });
  }
}

export async function playSteps(steps: readonly Step[], stage: Stage): Promise<void> {
  for (const step of steps) {
    stage.signal.throwIfAborted();
    const [verb, fields] = Object.entries(step)[0] as [Verb, FieldsOf<Verb>];
    const perform = await performers[verb]();
    await perform(fields as never, stage);
  }
  stage.signal.throwIfAborted();
}

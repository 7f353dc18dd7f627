import { createReadStream } from 'node:fs';
import type { NewEvent } from '../contracts/events.ts';
import type { Conclusion, Driver, ExitEvidence, Line } from './driver.ts';
import { splitLines } from './split-lines.ts';

/** What an agent printed, as files or as bytes. */
export interface Recording {
  readonly stdout?: ByteSource | undefined;
  readonly stderr?: ByteSource | undefined;
  /** How the process ended. @default exit code 0 */
  readonly exit?: ExitEvidence | undefined;
  /** The agent's own session that the process was told to reopen. @default null */
  readonly nativeSessionId?: string | null | undefined;
}

/** The path of a file, or the bytes themselves in any pieces. */
export type ByteSource = string | AsyncIterable<Uint8Array>;

/** How the recording ends: as its last turn did, or as its driver concludes where a turn was open or none was. */
export interface Verdict extends Conclusion {
  /** Turns that came to their end. */
  readonly turns: number;
  /** Lines that the driver does not understand; each is an `agent.output` among the events. */
  readonly unrecognised: number;
}

/**
 * Translates a recording as the server would have translated it live: yields its events as they come and returns the verdict. All of
 * stdout comes before stderr, because their order among each other is not recorded.
 */
export async function* replay<State>(
  driver: Driver<State>,
  { stdout, stderr, exit = { code: 0, signal: null }, nativeSessionId = null }: Recording,
): AsyncGenerator<NewEvent, Verdict, undefined> {
  let state = driver.initialState(nativeSessionId);
  let last: Conclusion | undefined;
  let turns = 0;
  let unrecognised = 0;
  for await (const { stream, text } of linesOf({ stdout, stderr })) {
    const translation = text === null ? undefined : driver.translate(state, { stream, text });
    if (translation !== undefined) {
      state = translation.state;
      yield* translation.events;
      // A driver may find out later that it had not understood a line.
      unrecognised += translation.events.filter(({ type }) => type === 'agent.output').length;
      for (const intent of translation.intents) {
        if (intent.type !== 'turn_ended') continue;
        last = conclusionOf(intent);
        turns += 1;
      }
    }
    if (translation?.isRecognised !== true) {
      unrecognised += 1;
      yield { type: 'agent.output', data: { stream, text } };
    }
  }
  const isOpen = last === undefined || driver.isTurnOpen?.(state) === true;
  const conclusion = isOpen ? driver.conclude(state, exit) : (last ?? driver.conclude(state, exit));
  return { ...conclusion, turns, unrecognised };
}

export interface Replayed extends Verdict {
  readonly events: readonly NewEvent[];
}

/** The whole replay at once. */
export async function replayAll<State>(driver: Driver<State>, recording: Recording): Promise<Replayed> {
  const events: NewEvent[] = [];
  const replaying = replay(driver, recording);
  for (;;) {
    const step = await replaying.next();
    if (step.done === true) return { ...step.value, events };
    events.push(step.value);
  }
}

async function* linesOf(
  sources: Pick<Recording, 'stdout' | 'stderr'>,
): AsyncGenerator<{ stream: Line['stream']; text: string | null }, void, undefined> {
  for (const stream of ['stdout', 'stderr'] as const) {
    const source = sources[stream];
    if (source === undefined) continue;
    const bytes: AsyncIterable<Uint8Array> =
      typeof source === 'string' ? (createReadStream(source) as AsyncIterable<Buffer>) : source;
    for await (const text of splitLines(bytes)) yield { stream, text };
  }
}

function conclusionOf({ outcome, reason, message, answer, answerSource }: Conclusion): Conclusion {
  return { outcome, reason, message, answer, answerSource };
}

import type { PlanEntry } from '../../contracts/agent-events.ts';
import type { FailureReason } from '../../contracts/failure-reason.ts';
import type { Escape, FieldsOf, Step, Verb } from './program/vocabulary.ts';

export type { Escape, Step } from './program/vocabulary.ts';

/** A prompt that is its own script: `script(say('hello'), numbered(3000), end())`. */
export function script(...steps: readonly Step[]): string {
  return JSON.stringify({ steps });
}

/** The text of a script file: what is played before the first byte, and for each prompt. */
export function scriptFile(parts: ScriptFile): string {
  return JSON.stringify(parts);
}

export interface ScriptFile {
  /** Played before the program says anything. */
  readonly start?: readonly Step[];
  /** One list of steps per prompt; the last one serves all prompts after it. */
  readonly turns: readonly (readonly Step[])[];
}

/** What remains to be said of a step when its builder has taken the fields `Taken` by position. */
type Rest<V extends Verb, Taken extends string = never> = Omit<FieldsOf<V>, Taken>;

export const say = (text: string, rest: Rest<'say', 'text'> = {}): Step => ({ say: { text, ...rest } });
export const think = (text: string, rest: Rest<'think', 'text'> = {}): Step => ({ think: { text, ...rest } });
export const numbered = (count: number, rest: Rest<'numbered', 'count'> = {}): Step => ({
  numbered: { count, ...rest },
});
export const print = (bytes: string | Uint8Array, rest: Rest<'print', 'text' | 'base64'> = {}): Step => ({
  print: {
    ...(typeof bytes === 'string' ? { text: bytes } : { base64: Buffer.from(bytes).toString('base64') }),
    ...rest,
  },
});

export const tool = (title: string, rest: Rest<'tool', 'title'> = {}): Step => ({ tool: { title, ...rest } });
export const read = (path: string): Step => ({ read: { path } });
export const edit = (path: string, change: Rest<'edit', 'path'>): Step => ({ edit: { path, ...change } });
export const run = (...argv: readonly [string, ...string[]]): Step => ({ run: { argv } });
export const writeFile = (path: string, rest: Rest<'writeFile', 'path'> = {}): Step => ({
  writeFile: { path, ...rest },
});

export const plan = (...entries: readonly PlanEntry[]): Step => ({ plan: { entries } });
export const usage = (fields: FieldsOf<'usage'>): Step => ({ usage: fields });
export const retry = (error: string, rest: Rest<'retry', 'error'> = {}): Step => ({ retry: { error, ...rest } });
export const rateLimit = (status: string, rest: Rest<'rateLimit', 'status'> = {}): Step => ({
  rateLimit: { status, ...rest },
});

export const permission = (title: string, rest: Rest<'permission', 'title'> = {}): Step => ({
  permission: { title, ...rest },
});
export const awaitSteer = (fields: FieldsOf<'awaitSteer'> = {}): Step => ({ awaitSteer: fields });
export const env = (name: string, rest: Rest<'env', 'name'> = {}): Step => ({ env: { name, ...rest } });
export const promptDigest = (): Step => ({ promptDigest: {} });
export const readStdinRaw = (bytes: number): Step => ({ readStdinRaw: { bytes } });

export const sleep = (ms: number): Step => ({ sleep: { ms } });
export const waitForFile = (path: string): Step => ({ waitForFile: { path } });
export const busy = (ms: number): Step => ({ busy: { ms } });
export const hang = (): Step => ({ hang: {} });

export const ignoreSignals = (...signals: readonly NodeJS.Signals[]): Step => ({ ignoreSignals: { signals } });
export const escape = (how: readonly Escape[], rest: Rest<'escape', 'how'>): Step => ({ escape: { how, ...rest } });
export const kill = (signal: NodeJS.Signals): Step => ({ kill: { signal } });
export const exit = (code: number): Step => ({ exit: { code } });

export const end = (fields: FieldsOf<'end'> = {}): Step => ({ end: fields });
export const fail = (reason: FailureReason, message?: string): Step => ({
  fail: { reason, ...(message !== undefined && { message }) },
});

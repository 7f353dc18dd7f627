import type { Stage } from '../stage.ts';
import type { FieldsOf, Verb } from '../vocabulary.ts';

/** Plays one step. */
export type Perform<V extends Verb> = (fields: FieldsOf<V>, stage: Stage) => void | Promise<void>;

/** Who plays which verb, loaded when it is first played. */
export const performers: { readonly [V in Verb]: () => Promise<Perform<V>> } = {
  say: async () => (await import('./speech.ts')).say,
  think: async () => (await import('./speech.ts')).think,
  numbered: async () => (await import('./speech.ts')).numbered,
  print: async () => (await import('./print.ts')).print,

  tool: async () => (await import('./tools.ts')).tool,
  read: async () => (await import('./tools.ts')).read,
  edit: async () => (await import('./tools.ts')).edit,
  run: async () => (await import('./run.ts')).run,
  writeFile: async () => (await import('./files.ts')).writeFile,

  plan: async () => (await import('./reports.ts')).plan,
  usage: async () => (await import('./reports.ts')).usage,
  retry: async () => (await import('./reports.ts')).retry,
  rateLimit: async () => (await import('./reports.ts')).rateLimit,

  permission: async () => (await import('./questions.ts')).permission,
  awaitSteer: async () => (await import('./steering.ts')).awaitSteer,
  env: async () => (await import('./questions.ts')).env,
  promptDigest: async () => (await import('./digests.ts')).promptDigest,
  readStdinRaw: async () => (await import('./digests.ts')).readStdinRaw,

  sleep: async () => (await import('./waiting.ts')).sleep,
  waitForFile: async () => (await import('./waiting.ts')).waitForFile,
  busy: async () => (await import('./waiting.ts')).busy,
  hang: async () => (await import('./waiting.ts')).hang,

  ignoreSignals: async () => (await import('./signals.ts')).ignoreSignals,
  escape: async () => (await import('./escape.ts')).escape,
  kill: async () => (await import('./signals.ts')).kill,
  exit: async () => (await import('./endings.ts')).exit,

  end: async () => (await import('./endings.ts')).end,
  fail: async () => (await import('./endings.ts')).fail,
};

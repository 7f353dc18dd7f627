import { z } from 'zod';

/** Where a run stands. `src/domain/run-states.ts` holds the table of how it may move. */
export const RunState = z.enum([
  'queued',
  'starting',
  'running',
  'paused',
  'awaiting_permission',
  'verifying',
  'retrying',
  'parked',
  'succeeded',
  'failed',
  'interrupted',
  'stopped',
  'canceled',
]);
export type RunState = z.infer<typeof RunState>;

/** How an attempt, and with the last one its run, came to its end. `canceled` is a run that never started. */
export const Outcome = z.enum(['succeeded', 'failed', 'interrupted', 'stopped', 'canceled']);
export type Outcome = z.infer<typeof Outcome>;

/** What a user can ask of a run (ARCHITECTURE §1, "Verbs"). */
export const RunVerb = z.enum(['interrupt', 'stop', 'cancel', 'pause', 'resume']);
export type RunVerb = z.infer<typeof RunVerb>;

/**
 * How a prompt meets a run that is going on: it waits for its turn, is said into the running turn, or interrupts that and takes its
 * place.
 */
export const PromptMode = z.enum(['queue', 'steer', 'replace']);
export type PromptMode = z.infer<typeof PromptMode>;

/** By which clock a run was found to hang. */
export const RunLimit = z.enum(['silence', 'progress', 'total']);
export type RunLimit = z.infer<typeof RunLimit>;

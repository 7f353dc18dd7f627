import { isAbsolute } from 'node:path';
import { z } from 'zod';

/** The part of a profile that is the scripted agent's own. */
export const ScriptedOptions = z.strictObject({
  /** Absolute path of a script file, for prompts that are not scripts themselves (README.md, "Scripts"). */
  script: z.string().refine(isAbsolute, { error: 'Expected the absolute path of a script file' }).optional(),
  /** Absolute path of a program that speaks the scripted agent's protocol (`wire.ts`) in its place. */
  program: z.string().refine(isAbsolute, { error: 'Expected the absolute path of a program' }).optional(),
});
export type ScriptedOptions = z.infer<typeof ScriptedOptions>;

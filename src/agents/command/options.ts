import { z } from 'zod';

/** The part of a profile that is the command's own. */
export const CommandOptions = z.strictObject({
  /** The program, an absolute path or a name in the server's PATH, then its arguments, as they stand: no shell comes in between. */
  command: z.tuple([z.string().min(1)], z.string()),
  /**
   * What becomes of a run's prompt. `stdin`: it is the program's whole input; on a terminal it is typed, with Enter behind it. `none`: the
   * program is not told; its input is empty, or what is typed at its terminal.
   */
  prompt: z.enum(['stdin', 'none']).default('stdin'),
  /** Added to the program's environment; a secret belongs here, never into `command`. */
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()).optional(),
});
export type CommandOptions = z.infer<typeof CommandOptions>;

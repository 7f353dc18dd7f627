import { z } from 'zod';
import { isGiven } from './flags.ts';

const promptTool = '--permission-prompt-tool';

/** The part of a profile that is Claude Code's own. */
export const ClaudeOptions = z.strictObject({
  /** The program: an absolute path, or a name in the server's PATH. @default "claude" */
  command: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
  permissionMode: z.enum(['default', 'acceptEdits', 'plan', 'dontAsk', 'bypassPermissions']).optional(),
  /** Added to Claude Code's own system prompt. */
  appendSystemPrompt: z.string().min(1).optional(),
  maxTurns: z.int().positive().optional(),
  /** Added to the agent's environment; this is where a secret belongs, never in `args`. */
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()).optional(),
  /** Further arguments for the program, as they stand. */
  args: z
    .array(z.string())
    .refine((args) => !isGiven(args, promptTool), {
      error: `Expected no "${promptTool}": it would take the agent's questions away from Drover`,
    })
    .optional(),
});
export type ClaudeOptions = z.infer<typeof ClaudeOptions>;

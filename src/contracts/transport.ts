import { z } from 'zod';

/** What an agent's stdin and stdout are: files and a pipe, or a terminal. */
export const Transport = z.enum(['pipe', 'pty']);
export type Transport = z.infer<typeof Transport>;

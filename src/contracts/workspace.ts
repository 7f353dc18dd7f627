import { z } from 'zod';

/** Where an agent works. */
export const Workspace = z
  .object({
    path: z.string(),
    isShared: z
      .boolean()
      .describe('Whether several processes may work in the directory at a time; otherwise one at a time holds it'),
  })
  .meta({ id: 'Workspace' });
export type Workspace = z.infer<typeof Workspace>;

import { z } from 'zod';
import { AppError } from '../kernel/app-error.ts';

/**
 * The layout of process directories that this release writes. 1: `out.log` and `err.log` hold all that the agent wrote. 2: their sealed
 * part may be a hole, and stands in `out.sealed` and `err.sealed` (docs/adr/0010).
 */
export const layoutVersion = 2;

/** What every record of a holder says first. */
export const Layout = z.object({
  version: z.int().positive(),
  /** The oldest layout whose reader understands these files; layout 1 did not say so yet. */
  reads: z.int().positive().optional(),
});

/** Refuses a record that only a newer release understands: `newer_layout`. Nothing may be concluded from it, or from its absence. */
export function refuseNewerLayout(record: unknown, path: string): void {
  const { version, reads = version } = Layout.parse(record);
  if (reads <= layoutVersion) return;
  throw new AppError(
    'newer_layout',
    `A newer release of Drover started this agent: "${path}" is of layout ${version}, and this release reads up to ` +
      `${layoutVersion}; start the newer release to go on with it`,
    { version, reads, understood: layoutVersion },
  );
}

export function isNewerLayout(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'newer_layout';
}

import type { Command } from 'commander';
import type { DroverClient } from '../client/client.ts';
import type { Io } from './io.ts';

export interface ServerOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly dataDir?: string;
}

/** The options of every command that talks to a server. */
export function withServerOptions(command: Command): Command {
  return command
    .option('--url <url>', 'where the server listens (DROVER_URL)')
    .option('--token-file <file>', 'the file with its token (DROVER_TOKEN holds a token itself)')
    .option('--data-dir <directory>', 'find both in the data directory of a server on this machine (DROVER_DATA_DIR)');
}

/** Throws AppError as `findServer` does. */
export async function connect(options: ServerOptions, io: Io): Promise<DroverClient> {
  const { findServer } = await import('./find-server.ts');
  const { createClient } = await import('../client/client.ts');
  return createClient(await findServer(options, io));
}

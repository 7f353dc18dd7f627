import type { Command } from 'commander';
import { connect, withServerOptions, type ServerOptions } from '../server-options.ts';
import { inertJson } from '../inert-text.ts';
import { formatTable } from '../output/table.ts';
import type { CommandContext } from '../program.ts';

interface ProfilesOptions extends ServerOptions {
  readonly json?: boolean;
}

export function profilesCommand(program: Command, { io, finish }: CommandContext): void {
  const command = program
    .command('profiles')
    .description('list what can be started, and what to do where it cannot')
    .option('--json', 'print JSON lines');
  withServerOptions(command).action(async (options: ProfilesOptions) => {
    const client = await connect(options, io);
    const profiles = await client.profiles();
    if (options.json === true) for (const profile of profiles) io.stdout.write(`${inertJson(profile)}\n`);
    else {
      const rows = profiles.map(({ name, driver, command: path, problem }) => [name, driver, problem ?? path ?? '']);
      io.stdout.write(formatTable(['PROFILE', 'DRIVER', 'PROGRAM'], rows));
    }
    finish(0);
  });
}

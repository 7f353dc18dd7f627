import type { Command } from 'commander';
import { connect, withServerOptions, type ServerOptions } from '../server-options.ts';
import type { CommandContext } from '../program.ts';

export function warmCommand(program: Command, { io, finish }: CommandContext): void {
  const command = program
    .command('warm')
    .description('start the process of a session, so that its next prompt finds it ready')
    .argument('<session>', 'the id of the session');
  withServerOptions(command).action(async (sessionId: string, options: ServerOptions) => {
    const client = await connect(options, io);
    const { id, process } = await client.warmSession(sessionId);
    io.stdout.write(`${id} ${process?.state ?? 'starting'}\n`);
    finish(0);
  });
}

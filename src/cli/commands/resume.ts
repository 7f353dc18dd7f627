import type { Command } from 'commander';
import { inertLine } from '../inert-text.ts';
import { connect, withServerOptions, type ServerOptions } from '../server-options.ts';
import type { CommandContext } from '../program.ts';

export function resumeCommand(program: Command, { io, finish }: CommandContext): void {
  const command: Command = program
    .command('resume')
    .description('let a paused run go on, or go on with what waits in a paused session')
    .argument('<run|session>', 'an id that begins with run_ or ses_');
  withServerOptions(command).action(async (id: string, options: ServerOptions) => {
    const isSession = id.startsWith('ses_');
    if (!isSession && !id.startsWith('run_')) {
      command.error(`error: "${inertLine(id)}" is neither a run nor a session: an id begins with run_ or ses_`);
    }
    const client = await connect(options, io);
    if (isSession) io.stdout.write(`${(await client.resumeSession(id)).id} goes on\n`);
    else {
      const run = await client.resume(id);
      io.stdout.write(`${run.id} ${run.state}\n`);
    }
    finish(0);
  });
}

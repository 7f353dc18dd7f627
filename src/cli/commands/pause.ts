import type { Command } from 'commander';
import { commandLine } from '../command-line.ts';
import { inertLine } from '../inert-text.ts';
import { connect, withServerOptions, type ServerOptions } from '../server-options.ts';
import type { CommandContext } from '../program.ts';

interface PauseOptions extends ServerOptions {
  readonly finish?: boolean;
}

export function pauseCommand(program: Command, { io, finish }: CommandContext): void {
  const command: Command = program
    .command('pause')
    .description('let a run stand still with its whole tree of processes, until it is resumed')
    .argument('<run|session>', 'an id that begins with run_, or with ses_ to start nothing new in that session')
    .option('--finish', 'let the run come to its end, and start nothing new in its session');
  withServerOptions(command).action(async (id: string, options: PauseOptions) => {
    const isSession = id.startsWith('ses_');
    if (!isSession && !id.startsWith('run_')) {
      command.error(`error: "${inertLine(id)}" is neither a run nor a session: an id begins with run_ or ses_`);
    }
    if (isSession && options.finish === true) {
      command.error('error: --finish needs the id of a run; a session always lets its run come to its end');
    }
    const client = await connect(options, io);
    const untilResumed = (sessionId: string) =>
      `nothing new starts in the session until "${commandLine(['resume', sessionId], options)}"`;
    if (isSession) {
      const session = await client.pauseSession(id);
      io.stdout.write(`${session.id} paused; ${untilResumed(session.id)}\n`);
    } else if (options.finish === true) {
      const run = await client.pause(id, { when: 'finished' });
      io.stdout.write(`${run.id} ${run.state}; ${untilResumed(run.sessionId)}\n`);
    } else {
      const run = await client.pause(id);
      io.stdout.write(`${run.id} ${run.state}\n`);
    }
    finish(0);
  });
}

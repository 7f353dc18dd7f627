import type { Command } from 'commander';
import { connect, withServerOptions, type ServerOptions } from '../server-options.ts';
import type { CommandContext } from '../program.ts';

/** The verbs that need no more than the id of a run. */
const descriptions = {
  stop: 'stop a run with its whole tree of processes',
  interrupt: 'ask the agent to stop its turn; the session stays usable',
  cancel: 'take back a run that has not started',
} as const;

export function runVerbCommands(program: Command, { io, finish }: CommandContext): void {
  for (const verb of ['stop', 'interrupt', 'cancel'] as const) {
    const command = program.command(verb).description(descriptions[verb]).argument('<run>', 'the id of the run');
    withServerOptions(command).action(async (runId: string, options: ServerOptions) => {
      const client = await connect(options, io);
      const { id, state } = await client[verb](runId);
      io.stdout.write(`${id} ${state}\n`);
      finish(0);
    });
  }
}

import type { Command } from 'commander';
import type { RunId } from '../../contracts/ids.ts';
import { inertLine } from '../inert-text.ts';
import { connect, withServerOptions, type ServerOptions } from '../server-options.ts';
import type { CommandContext } from '../program.ts';

interface MoveOptions extends ServerOptions {
  readonly before?: string;
  readonly last?: boolean;
}

export function moveCommand(program: Command, { io, finish }: CommandContext): void {
  const command: Command = program
    .command('move')
    .description('change when a run starts that still waits in its session')
    .argument('<run>', 'the id of the run')
    .option('--before <run>', 'start it before this one, which waits too')
    .option('--last', 'start it after all that wait');
  withServerOptions(command).action(async (runId: string, options: MoveOptions) => {
    const { before, last = false } = options;
    if ((before !== undefined) === last) command.error('error: say where to: either --before <run> or --last');
    const client = await connect(options, io);
    // What is no id the server refuses, in its own words.
    const { id, state, evidence } = await client.changeRun(runId, { before: (before ?? null) as RunId | null });
    io.stdout.write(`${id} ${state}: ${inertLine(evidence)}\n`);
    finish(0);
  });
}

import type { Command } from 'commander';
import { readPrompt } from '../read-prompt.ts';
import { connect, withServerOptions, type ServerOptions } from '../server-options.ts';
import type { CommandContext } from '../program.ts';

export function editCommand(program: Command, { io, finish }: CommandContext): void {
  const command: Command = program
    .command('edit')
    .description('change the prompt of a run that still waits')
    .argument('<run>', 'the id of the run')
    .argument('<prompt...>', 'what to do instead; "-" reads it from stdin');
  withServerOptions(command).action(async (runId: string, words: string[], options: ServerOptions) => {
    const prompt = await readPrompt(words, io, command);
    const client = await connect(options, io);
    const { id, state } = await client.changeRun(runId, { prompt });
    io.stdout.write(`${id} ${state}\n`);
    finish(0);
  });
}

import type { Command } from 'commander';
import { inertJson } from '../inert-text.ts';
import { connect, withServerOptions, type ServerOptions } from '../server-options.ts';
import type { CommandContext } from '../program.ts';

interface ShowOptions extends ServerOptions {
  readonly json?: boolean;
}

export function showCommand(program: Command, { io, finish }: CommandContext): void {
  const command = program
    .command('show')
    .description('show all that is known of a run now')
    .argument('<run>', 'the id of the run')
    .option('--json', 'print it as JSON');
  withServerOptions(command).action(async (runId: string, options: ShowOptions) => {
    const client = await connect(options, io);
    const run = await client.run(runId);
    if (options.json === true) {
      io.stdout.write(`${inertJson(run)}\n`);
      return finish(0);
    }
    const { sessionId } = run;
    const isOver = run.endedAt !== null;
    const permissions = isOver ? [] : await client.permissions({ sessionId, pending: true, limit: 1_000 });
    const open = isOver ? [] : await client.runs({ sessionId, open: true, limit: 1_000 });
    const { describeRun } = await import('../output/describe-run.ts');
    const text = describeRun(run, {
      permissions: permissions.filter((permission) => permission.runId === run.id),
      waiting: open.filter(({ state }) => state === 'queued').length,
      now: io.clock.now(),
    });
    io.stdout.write(text);
    finish(0);
  });
}

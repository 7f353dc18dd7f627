import type { Command } from 'commander';
import { connect, withServerOptions, type ServerOptions } from '../server-options.ts';
import { inertJson } from '../inert-text.ts';
import { formatAge, formatTable, shorten } from '../output/table.ts';
import type { CommandContext } from '../program.ts';

interface PsOptions extends ServerOptions {
  readonly all?: boolean;
  readonly json?: boolean;
}

export function psCommand(program: Command, { io, finish }: CommandContext): void {
  const command = program
    .command('ps')
    .description('list the runs that have not ended')
    .option('--all', 'those that have ended, too')
    .option('--json', 'print JSON lines');
  withServerOptions(command).action(async (options: PsOptions) => {
    const client = await connect(options, io);
    const runs = await client.runs({ open: options.all !== true, limit: 1_000 });
    if (options.json === true) {
      for (const run of runs) io.stdout.write(`${inertJson(run)}\n`);
      return finish(0);
    }
    const rows = runs.map(({ id, state, reason, since, profile, sessionId, prompt }) => [
      id,
      reason === null ? state : `${state} (${reason})`,
      formatAge(since, io.clock.now()),
      profile,
      sessionId,
      shorten(prompt, 50),
    ]);
    io.stdout.write(formatTable(['RUN', 'STATE', 'SINCE', 'PROFILE', 'SESSION', 'PROMPT'], rows));
    finish(0);
  });
}

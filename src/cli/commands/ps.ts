import type { Command } from 'commander';
import type { RunSummary } from '../../contracts/resources.ts';
import { inertJson } from '../inert-text.ts';
import { formatBytes, formatDuration } from '../output/figures.ts';
import { formatAge, formatTable, shorten } from '../output/table.ts';
import { connect, withServerOptions, type ServerOptions } from '../server-options.ts';
import type { CommandContext } from '../program.ts';

interface PsOptions extends ServerOptions {
  readonly all?: boolean;
  readonly json?: boolean;
}

const header = ['RUN', 'STATE', 'SINCE', 'DOING', 'EVIDENCE', 'CPU', 'MEM', 'PROFILE', 'SESSION', 'PROMPT'];

export function psCommand(program: Command, { io, finish }: CommandContext): void {
  const command = program
    .command('ps')
    .description('list the runs that have not ended, and what they are doing')
    .option('--all', 'those that have ended, too')
    .option('--json', 'print JSON lines');
  withServerOptions(command).action(async (options: PsOptions) => {
    const client = await connect(options, io);
    const runs = await client.runs({ open: options.all !== true, limit: 1_000 });
    if (options.json === true) {
      for (const run of runs) io.stdout.write(`${inertJson(run)}\n`);
      return finish(0);
    }
    const now = io.clock.now();
    io.stdout.write(
      formatTable(
        header,
        runs.map((run) => rowOf(run, now)),
      ),
    );
    finish(0);
  });
}

function rowOf({ id, state, reason, since, live, evidence, permissions, ...run }: RunSummary, now: number): string[] {
  const { cpuMs = null, memoryBytes = null } = live ?? {};
  return [
    id,
    reason === null ? state : `${state} (${reason})`,
    formatAge(since, now),
    live === null ? '' : shorten(live.doing, 40),
    shorten(evidence, 60),
    cpuMs === null ? '' : formatDuration(cpuMs),
    memoryBytes === null ? '' : formatBytes(memoryBytes),
    // Whoever may do anything is to be seen at a glance.
    permissions.isAllowAll ? `${run.profile} (allow all)` : run.profile,
    run.sessionId,
    shorten(run.prompt, 30),
  ];
}

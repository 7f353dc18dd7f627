import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { DroverClient } from '../../client/client.ts';
import type { Session } from '../../contracts/resources.ts';
import { connect, withServerOptions, type ServerOptions } from '../server-options.ts';
import { inertJson } from '../inert-text.ts';
import type { Io } from '../io.ts';
import { Paper } from '../output/paper.ts';
import { styleOf } from '../output/style.ts';
import { TranscriptPrinter } from '../output/transcript-printer.ts';
import type { CommandContext } from '../program.ts';

interface RunOptions extends ServerOptions {
  readonly profile?: string;
  readonly workspace?: string;
  readonly session?: string;
  readonly json?: boolean;
  readonly detach?: boolean;
}

export function runCommand(program: Command, { io, finish }: CommandContext): void {
  const command: Command = program
    .command('run')
    .description('give an agent a prompt and watch it work')
    .argument('[prompt...]', 'what to do; "-" reads it from stdin')
    .option('--profile <name>', 'which agent (default: claude)')
    .option('--workspace <directory>', 'where it works (default: the present directory)')
    .option('--session <id>', 'continue this session, with its profile and in its workspace')
    .option('--json', 'print the events as JSON lines')
    .option('--detach', 'print the ids of run and session and leave')
    .addHelpText('after', '\nCtrl-C interrupts the turn, a second one stops the agent, a third leaves the run alone.');
  withServerOptions(command).action(async (words: string[], options: RunOptions) => {
    const prompt = await readPrompt(words, io, command);
    if (options.session !== undefined && (options.profile ?? options.workspace) !== undefined) {
      command.error('error: --session has its own profile and workspace; leave out --profile and --workspace');
    }
    const client = await connect(options, io);
    const session = await openSession(client, options, io);
    const { run } = await client.createRun(session.id, { prompt }, { idempotencyKey: randomUUID() });
    if (options.detach === true) {
      io.stdout.write(options.json === true ? `${inertJson(run)}\n` : `${run.id} ${session.id}\n`);
      return finish(0);
    }
    const { followRun } = await import('../follow-run.ts');
    const printer = new TranscriptPrinter(new Paper(io.stdout, styleOf(io.stdout, io.env)));
    const output =
      options.json === true
        ? {
            show: (event: unknown) => void io.stdout.write(`${inertJson(event)}\n`),
            remark: (line: string) => void io.stderr.write(`drover: ${line}\n`),
          }
        : { show: printer.print.bind(printer), remark: printer.remark.bind(printer) };
    finish(await followRun({ client, run, after: session.cursor, io, ...output }));
  });
}

async function readPrompt(words: readonly string[], io: Io, command: Command): Promise<string> {
  const prompt =
    words.length === 1 && words[0] === '-' ? await text(io.stdin as AsyncIterable<Uint8Array>) : words.join(' ');
  if (prompt.trim() === '') command.error('error: there is no prompt; say what to do, or "-" to read it from stdin');
  return prompt;
}

async function openSession(client: DroverClient, options: RunOptions, io: Io): Promise<Session> {
  if (options.session !== undefined) return client.session(options.session);
  const { profile = 'claude', workspace = '.' } = options;
  return client.createSession({ profile, workspace: { path: resolve(io.cwd, workspace) } });
}

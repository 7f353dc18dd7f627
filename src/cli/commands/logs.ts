import { InvalidArgumentError, Option, type Command } from 'commander';
import type { DroverClient, FollowOptions } from '../../client/client.ts';
import type { Event } from '../../contracts/events.ts';
import { commandLine } from '../command-line.ts';
import { exitCodes } from '../exit-codes.ts';
import { connect, withServerOptions, type ServerOptions } from '../server-options.ts';
import { inertJson, inertLine } from '../inert-text.ts';
import { readLastEvents } from '../last-events.ts';
import type { Io } from '../io.ts';
import { Paper } from '../output/paper.ts';
import { styleOf } from '../output/style.ts';
import { TranscriptPrinter } from '../output/transcript-printer.ts';
import type { CommandContext } from '../program.ts';

interface LogsOptions extends ServerOptions {
  readonly follow?: boolean;
  readonly raw?: 'stdout' | 'stderr';
  readonly json?: boolean;
  readonly last?: number;
}

export function logsCommand(program: Command, { io, finish }: CommandContext): void {
  const command: Command = program
    .command('logs')
    .description('read what a run did, or all runs of a session')
    .argument('<run|session>', 'an id that begins with run_ or ses_')
    .option('-f, --follow', 'go on with what comes, until the run has ended')
    .addOption(new Option('--raw <stream>', "the agent's own bytes").choices(['stdout', 'stderr']))
    .option('--last <events>', 'begin with so many of the newest events', countOf)
    .option('--json', 'print the events as JSON lines');
  withServerOptions(command).action(async (id: string, options: LogsOptions) => {
    if (!/^(?:run|ses)_/.test(id)) {
      command.error(`error: "${inertLine(id)}" is neither a run nor a session: an id begins with run_ or ses_`);
    }
    const client = await connect(options, io);
    const runId = id.startsWith('ses_') ? undefined : id;
    const leave = new AbortController();
    const ignoreSignals = io.onSignal('SIGINT', () => leave.abort());
    try {
      if (options.raw !== undefined) {
        if (runId === undefined) command.error('error: --raw needs the id of a run');
        if (options.last !== undefined) command.error('error: --last counts events; leave it out with --raw');
        const { writeRawLog } = await import('../output/write-raw-log.ts');
        await writeRawLog(runId, options.raw, {
          client,
          io,
          isFollowed: options.follow === true,
          signal: leave.signal,
        });
      } else {
        const run = runId === undefined ? undefined : await client.run(runId);
        const sessionId = run?.sessionId ?? id;
        const show = showIn(io, options);
        // The end of a run that has ended lies behind us, and perhaps not among what is shown.
        const isFollowed = options.follow === true && (run === undefined || run.endedAt === null);
        const reading = { last: options.last, isFollowed, runId, signal: leave.signal };
        const events = readEvents(client, sessionId, reading);
        for await (const event of events) {
          if (runId !== undefined && event.runId !== runId) continue;
          show(event);
          if (runId !== undefined && event.type === 'run.ended') break;
        }
      }
      finish(leave.signal.aborted ? exitCodes.interrupted : 0);
    } finally {
      ignoreSignals();
      leave.abort();
    }
  });
}

function showIn(io: Io, options: LogsOptions): (event: Event) => void {
  if (options.json === true) return (event) => void io.stdout.write(`${inertJson(event)}\n`);
  const answerCommand = (permissionId: string) => commandLine(['approve', permissionId], options);
  const paper = new Paper(io.stdout, styleOf(io.stdout, io.env));
  const printer = new TranscriptPrinter(paper, { withPrompts: true, answerCommand });
  return (event) => printer.print(event);
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a number from 1 on.');
}

interface Reading {
  readonly last: number | undefined;
  readonly isFollowed: boolean;
  readonly runId: string | undefined;
  readonly signal: AbortSignal;
}

async function* readEvents(
  client: DroverClient,
  sessionId: string,
  { last, isFollowed, runId, signal }: Reading,
): AsyncGenerator<Event, void> {
  if (last === undefined) {
    yield* isFollowed ? follow(client, sessionId, { signal }) : readAll(client, sessionId);
    return;
  }
  const { events, cursor } = await readLastEvents(client, sessionId, { count: last, runId });
  yield* events;
  if (isFollowed) yield* follow(client, sessionId, { signal, after: cursor });
}

async function* readAll(client: DroverClient, sessionId: string): AsyncGenerator<Event, void> {
  let after = '0';
  for (let hasMore = true; hasMore;) {
    const page = await client.eventPage(sessionId, { after, limit: 1_000 });
    yield* page.events;
    ({ cursor: after, hasMore } = page);
  }
}

/** A log that starts again is shown again. */
async function* follow(client: DroverClient, sessionId: string, options: FollowOptions): AsyncGenerator<Event, void> {
  for await (const item of client.events(sessionId, options)) if (!('reset' in item)) yield item;
}

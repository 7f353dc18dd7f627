import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '../../client/client.ts';
import { Config } from '../../config/config.ts';
import { followRun } from '../follow-run.ts';
import { inertText } from '../inert-text.ts';
import type { Io } from '../io.ts';
import { Paper } from '../output/paper.ts';
import { styleOf, type Style } from '../output/style.ts';
import { TranscriptPrinter } from '../output/transcript-printer.ts';
import { chooseAgent, type ChosenAgent } from './choose-agent.ts';
import { leaveNothingRunning } from './leave-nothing-running.ts';
import { createScratchRepository } from './scratch-repository.ts';

const prompt =
  'Write a file GREETING.md in the present directory: one friendly sentence to somebody who starts an agent with Drover for the first time.';

/** All of it happens in the directory `place`. Resolves with the exit code. */
export async function demonstrate(place: string, io: Io): Promise<number> {
  const style = styleOf(io.stdout, io.env);
  const say = (text: string) => void io.stdout.write(`${style.bold('drover')} ${text}\n`);
  const { createDrivers, startDaemon } = await io.loadDaemon();
  const agent = chooseAgent(createDrivers(), io.env);
  say(agent.reason);
  const repository = await createScratchRepository(place, io.env);
  const config = configOf(place, agent);
  const daemon = await startDaemon(config);
  try {
    say(`A server listens on ${daemon.url}; the agent works in ${repository.path}`);
    const token = (await readFile(daemon.tokenFile, 'utf8')).trim();
    const client = createClient({ url: daemon.url, token });
    const session = await client.createSession({ profile: agent.driver, workspace: { path: repository.path } });
    const { run } = await client.createRun(session.id, { prompt });
    say(`The prompt: ${prompt}\n`);
    const printer = new TranscriptPrinter(new Paper(io.stdout, style));
    const code = await followRun({
      client,
      run,
      after: session.cursor,
      io,
      show: (event) => printer.print(event),
      remark: (text) => printer.remark(text),
    });
    await leaveNothingRunning(client, run, session.cursor, {
      io,
      limitMs: config.closeGraceMs + 2 * config.stopGraceMs,
    });
    io.stdout.write(`\n${style.bold('drover')} git diff\n${paintDiff(await repository.diff(), style)}\n`);
    if (code !== 0) say(`${agent.driver} did not succeed; see above`);
    return code;
  } finally {
    await daemon.stop();
  }
}

/** Only the agent that was chosen; it may do what it likes, in a repository that was made for it. */
function configOf(place: string, { driver }: ChosenAgent): Config {
  return Config.parse({
    dataDir: join(place, 'data'),
    port: 0,
    logLevel: 'error',
    // Nothing is to be left running.
    warm: { maxProcesses: 0 },
    profiles: { [driver]: { driver, permissions: 'allow' } },
  });
}

function paintDiff(diff: string, { bold, dim, green, red }: Style): string {
  const paintOf = (line: string) => {
    if (/^(?:diff|index|new file|---|\+\+\+) /.test(line)) return bold;
    return { '+': green, '-': red, '@': dim }[line.charAt(0)] ?? ((text: string) => text);
  };
  const lines = inertText(diff).trimEnd().split('\n');
  return lines.map((line) => paintOf(line)(line)).join('\n');
}

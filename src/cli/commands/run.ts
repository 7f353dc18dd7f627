import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { DroverClient } from '../../client/client.ts';
import type { CreateRun, Session } from '../../contracts/resources.ts';
import { usualDetachKey } from '../attach/detach-key.ts';
import { commandLine } from '../command-line.ts';
import { inertJson } from '../inert-text.ts';
import type { Io } from '../io.ts';
import type { RuleText } from '../parse-rule.ts';
import { readPrompt } from '../read-prompt.ts';
import { connect, withServerOptions, type ServerOptions } from '../server-options.ts';
import type { CommandContext } from '../program.ts';

interface RunOptions extends ServerOptions {
  readonly profile?: string;
  readonly workspace?: string;
  readonly shared?: boolean;
  readonly session?: string;
  readonly steer?: boolean;
  readonly replace?: boolean;
  readonly refuseBusy?: boolean;
  readonly json?: boolean;
  readonly detach?: boolean;
}

export function runCommand(program: Command, { io, finish }: CommandContext): void {
  const rules: RuleText[] = [];
  const command: Command = program
    .command('run')
    .description('give an agent a prompt and watch it work')
    .argument('[prompt...]', 'what to do; "-" reads it from stdin')
    .option('--profile <name>', 'which agent (default: claude)')
    .option('--workspace <directory>', 'where it works (default: the present directory)')
    .option('--shared', 'let others work in the directory at the same time')
    .option('--session <id>', 'continue this session, with its profile and in its workspace')
    .option('--steer', 'with --session: say it into the turn that is running')
    .option('--replace', 'with --session: interrupt the turn that is running, and start next')
    .option('--refuse-busy', 'do not wait where another session works in the directory');
  for (const action of ['allow', 'deny', 'ask'] as const) {
    // They hold in the order in which they stand on the command line, whichever of the three they are.
    const add = (text: string) => rules.push({ action, text });
    command.option(`--${action} <rule>`, ruleHelp[action], add);
  }
  command
    .option('--json', 'print the events as JSON lines')
    .option('--detach', 'print the ids of run and session and leave')
    .addHelpText('after', '\nCtrl-C interrupts the turn, a second one stops the agent, a third leaves the run alone.');
  withServerOptions(command).action(async (words: string[], options: RunOptions) => {
    const prompt = await readPrompt(words, io, command);
    const problem = findContradiction(options, rules);
    if (problem !== null) command.error(`error: ${problem}`);
    const input: CreateRun = { prompt, ...modeOf(options), ...(await policyOf(rules, command)) };
    const client = await connect(options, io);
    const session = await openSession(client, options, io);
    const { run } = await client.createRun(session.id, input, { idempotencyKey: randomUUID() });
    if (options.detach === true) {
      io.stdout.write(options.json === true ? `${inertJson(run)}\n` : `${run.id} ${session.id}\n`);
      return finish(0);
    }
    if (options.json !== true && (await hasScreen(client, session))) {
      const { terminal } = io;
      const comeBack = commandLine(['attach', run.id], options);
      if (terminal !== undefined) {
        const { attachWhenStarted } = await import('../attach/attach-when-started.ts');
        const attach = { client, io, terminal, comeBack, ...newcomer };
        return finish(await attachWhenStarted(run, { after: session.cursor }, attach));
      }
      io.stderr.write(`drover: This run has a screen of its own; see it with: ${comeBack}\n`);
    }
    const { watchRun } = await import('../watch-run.ts');
    finish(await watchRun(run, { client, session, io, options, isJson: options.json === true }));
  });
}

/** Who has just started a run types at it, and sees all of it. */
const newcomer = { from: 0, detachKey: usualDetachKey, isReadOnly: false, takesOver: false };

async function hasScreen(client: DroverClient, { profile }: Session): Promise<boolean> {
  return (await client.profiles()).some(({ name, terminal }) => name === profile && terminal === 'screen');
}

const ruleHelp = {
  allow: 'may be done without asking: Tool, "Tool(command pattern)" or "Tool:path pattern"; repeat it for more',
  deny: 'may not be done; of all these rules, the first that fits decides',
  ask: 'is asked for first',
};

function findContradiction(options: RunOptions, rules: readonly RuleText[]): string | null {
  const { session, profile, workspace, shared, steer, replace } = options;
  if (session !== undefined && (profile ?? workspace ?? shared) !== undefined) {
    return '--session has its own profile and workspace; leave out --profile, --workspace and --shared';
  }
  if (session === undefined && (steer ?? replace) !== undefined) {
    return '--steer and --replace need a --session in which something is running';
  }
  if (steer === undefined) return null;
  if (replace !== undefined) return 'either --steer or --replace';
  return rules.length > 0
    ? 'a prompt that steers has the rules of the run that it is said into; leave out yours'
    : null;
}

function modeOf({ steer, replace, refuseBusy }: RunOptions): Pick<CreateRun, 'mode' | 'ifBusy'> {
  return {
    ...(steer === true && { mode: 'steer' }),
    ...(replace === true && { mode: 'replace' }),
    ...(refuseBusy === true && { ifBusy: 'refuse' }),
  };
}

async function policyOf(rules: readonly RuleText[], command: Command): Promise<Pick<CreateRun, 'permissions'>> {
  if (rules.length === 0) return {};
  const { parseRule } = await import('../parse-rule.ts');
  try {
    return { permissions: rules.map(parseRule) };
  } catch (error) {
    return command.error(`error: ${(error as Error).message}`);
  }
}

async function openSession(client: DroverClient, options: RunOptions, io: Io): Promise<Session> {
  if (options.session !== undefined) return client.session(options.session);
  const { profile = 'claude', workspace = '.', shared = false } = options;
  const path = resolve(io.cwd, workspace);
  return client.createSession({ profile, workspace: { path, ...(shared && { isShared: true }) } });
}

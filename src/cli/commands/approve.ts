import type { Command } from 'commander';
import type { DroverClient } from '../../client/client.ts';
import type { AnswerPermission } from '../../contracts/permission.ts';
import { inertJson, inertLine } from '../inert-text.ts';
import type { Io } from '../io.ts';
import { describeDeadline } from '../output/describe-permission.ts';
import { formatAge, formatTable, shorten } from '../output/table.ts';
import { connect, withServerOptions, type ServerOptions } from '../server-options.ts';
import type { CommandContext } from '../program.ts';

interface ApproveOptions extends ServerOptions {
  readonly deny?: boolean;
  readonly always?: boolean;
  readonly input?: string;
  readonly message?: string;
  readonly json?: boolean;
}

export function approveCommand(program: Command, { io, finish }: CommandContext): void {
  const command: Command = program
    .command('approve')
    .description('allow what an agent asks for, or deny it; without an id, list what waits for an answer')
    .argument('[permission]', 'an id that begins with prm_')
    .option('--deny', 'deny it')
    .option('--always', 'decide likewise what is asked later in the session about the same command or path')
    .option('--input <json>', 'have the tool run with this instead of what the agent asked for')
    .option('--message <text>', 'with --deny: what the agent is told')
    .option('--json', 'print JSON lines');
  withServerOptions(command).action(async (id: string | undefined, options: ApproveOptions) => {
    if (id === undefined) {
      // An answer is never given to whatever happens to be asked at the moment.
      const isAnswer = [options.deny, options.always, options.input, options.message].some((one) => one !== undefined);
      if (isAnswer) command.error('error: name the permission to answer; "drover approve" alone lists what waits');
      await listWaiting(await connect(options, io), io, options);
      return finish(0);
    }
    const answer = answerOf(options, command);
    const client = await connect(options, io);
    const permission = await client.answerPermission(id, answer);
    const { decision, title } = permission;
    io.stdout.write(
      options.json === true
        ? `${inertJson(permission)}\n`
        : `${permission.id} ${decision === 'deny' ? 'denied' : 'allowed'}: ${inertLine(title)}\n`,
    );
    finish(0);
  });
}

function answerOf({ deny = false, always, input, message }: ApproveOptions, command: Command): AnswerPermission {
  const remember = always === true ? { remember: true } : {};
  if (deny) {
    if (input !== undefined) command.error('error: what is denied runs with no input; leave out --deny or --input');
    return { decision: 'deny', ...remember, ...(message !== undefined && { message }) };
  }
  if (message !== undefined) command.error('error: --message tells the agent why it is denied; say --deny, too');
  return { decision: 'allow', ...remember, ...(input !== undefined && { updatedInput: inputOf(input, command) }) };
}

function inputOf(text: string, command: Command): Record<string, unknown> {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    command.error(`error: --input is not valid JSON: ${inertLine((error as Error).message)}`);
  }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    command.error(`error: --input must be a JSON object, such as '{"command":"ls"}'`);
  }
  return input as Record<string, unknown>;
}

async function listWaiting(client: DroverClient, io: Io, { json }: ApproveOptions): Promise<void> {
  const permissions = await client.permissions({ pending: true, limit: 1_000 });
  if (json === true) {
    for (const permission of permissions) io.stdout.write(`${inertJson(permission)}\n`);
    return;
  }
  if (permissions.length === 0) return void io.stdout.write('Nothing waits for an answer\n');
  const now = io.clock.now();
  const rows = permissions.map((permission) => [
    permission.id,
    formatAge(permission.requestedAt, now),
    describeDeadline(permission, now),
    permission.runId,
    permission.tool,
    shorten(permission.title, 80),
  ]);
  io.stdout.write(formatTable(['PERMISSION', 'AGE', 'LEFT', 'RUN', 'TOOL', 'TITLE'], rows));
}

import { InvalidArgumentError, type Command } from 'commander';
import type { DetachKey } from '../attach/detach-key.ts';
import { parseDetachKey, usualDetachKey } from '../attach/detach-key.ts';
import { commandLine } from '../command-line.ts';
import { inertLine } from '../inert-text.ts';
import type { CommandContext } from '../program.ts';
import { connect, withServerOptions, type ServerOptions } from '../server-options.ts';

interface AttachCommandOptions extends ServerOptions {
  readonly readOnly?: boolean;
  readonly takeOver?: boolean;
  readonly from: number;
  readonly detachKey?: DetachKey;
}

export function attachCommand(program: Command, { io, finish }: CommandContext): void {
  const command: Command = program
    .command('attach')
    .description("sit down at a run's terminal")
    .argument('<run>', 'the id of the run')
    .option('--read-only', 'only watch')
    .option('--take-over', 'type, also where somebody else does')
    .option('--from <bytes>', 'begin at this offset; -1000: with the last thousand bytes', offsetOf, -65_536)
    .option('--detach-key <key>', 'ctrl- and a letter, or one of @[\\]^_ (default: ctrl-])', keyOf);
  withServerOptions(command).action(async (runId: string, options: AttachCommandOptions) => {
    const { terminal } = io;
    if (terminal === undefined) {
      command.error(
        'error: attach needs a terminal of its own; "drover logs --raw stdout -f" writes what the agent writes',
      );
    }
    const client = await connect(options, io);
    const run = await client.run(runId);
    const { attachWhenStarted } = await import('../attach/attach-when-started.ts');
    const { from, detachKey = usualDetachKey, readOnly: isReadOnly = false, takeOver: takesOver = false } = options;
    const comeBack = commandLine(['attach', run.id], options);
    const attach = { client, io, terminal, from, detachKey, isReadOnly, takesOver, comeBack };
    finish(await attachWhenStarted(run, {}, attach));
  });
}

function offsetOf(text: string): number {
  const offset = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(offset)) {
    throw new InvalidArgumentError('Expected a number of bytes, such as 0 or -1000.');
  }
  return offset;
}

function keyOf(text: string): DetachKey {
  const key = parseDetachKey(text);
  if (key === undefined)
    throw new InvalidArgumentError(`"${inertLine(text)}" is no such key; expected one like ctrl-] or ctrl-a.`);
  return key;
}

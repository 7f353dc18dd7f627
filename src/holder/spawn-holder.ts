import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { encodeLaunchSpec } from './launch-spec.ts';
import type { LaunchSpec } from './launch-spec.ts';

export interface SpawnHolderOptions extends LaunchSpec {
  /** Absolute path of the holder. */
  readonly binary: string;
  /** The process directory, which must exist. */
  readonly directory: string;
  readonly mode: 'pipe' | 'pty';
  /**
   * What the terminal is for in pty mode. `cooked`: for a person, as stdin, stdout and stderr; it echoes, turns line ends into CR LF
   * and characters such as ^C into signals, and holds input lines of 4,095 bytes. `stdout`: for a program, and only stdout is one, on
   * which every byte arrives as it was written; stdin and stderr are as in pipe mode (Claude Code reads no input from a terminal). Both
   * have /dev/tty. @default cooked
   */
  readonly terminal?: 'cooked' | 'stdout';
  /** `none`: /dev/null, or a terminal at which nobody types; `oneshot`: the first frame of the spool, then its end; `stream`: frame after frame. */
  readonly stdin: 'none' | 'oneshot' | 'stream';
  /** Absolute path of the agent's working directory. */
  readonly cwd: string;
  /** Between TERM and KILL when the tree is stopped. @default 5000 */
  readonly graceMs?: number;
  /** The same for what the agent leaves behind when it exits by itself. @default 1000 */
  readonly leftoverGraceMs?: number;
  /** Path of the cgroup to make for the tree. @default null */
  readonly cgroup?: string | null;
  /** Size of the terminal in pty mode. @default 50 rows, 200 columns */
  readonly size?: { readonly rows: number; readonly cols: number };
  /** Called when the holder has gone: at once, where a look at the process directory would be later. */
  readonly onExit?: () => void;
}

export type HolderLaunch =
  | { readonly status: 'running'; readonly holderPid: number }
  /** This directory has had its start, by us or by another: what became of it stands in its files. */
  | { readonly status: 'already-started' }
  /**
   * `errno` such as "ENOENT"; `stage` is what could not be done ("exec", "chdir", "cgroup" …). At the stage "holder" the holder went
   * without an answer: the agent was executed if there is a pid file.
   */
  | { readonly status: 'failed'; readonly errno: string; readonly stage: string };

/**
 * Starts an agent under a holder that outlives us; at most once per process directory, however often it is called. Never rejects:
 * whatever keeps a holder from being started is an answer, for a run waits for one.
 */
export async function spawnHolder(options: SpawnHolderOptions): Promise<HolderLaunch> {
  try {
    return await startHolder(options);
  } catch (error) {
    const { code = 'EIO' } = error as NodeJS.ErrnoException;
    return { status: 'failed', errno: code, stage: 'holder' };
  }
}

async function startHolder(options: SpawnHolderOptions): Promise<HolderLaunch> {
  const { binary, directory, onExit } = options;
  // Its own session, an empty environment and no directory of ours: it keeps nothing of the server but three pipes, which it closes.
  const holder = spawn(binary, ['run', directory, ...flagsOf(options)], {
    detached: true,
    env: {},
    cwd: '/',
    stdio: 'pipe',
  });
  const gone = new Promise<NodeJS.ErrnoException | null>((resolve) => {
    holder.once('error', resolve).once('exit', () => resolve(null));
  });
  // Out of file descriptors Node gives back a child without streams, whatever its types say.
  if (!('stdin' in holder) || (holder.stdin as unknown) == null) {
    return { status: 'failed', errno: (await gone)?.code ?? 'EMFILE', stage: 'holder' };
  }
  if (onExit !== undefined) holder.once('exit', onExit);
  holder.stdin.on('error', () => undefined); // It may refuse before it has read; its answer says why.
  holder.stdin.end(encodeLaunchSpec(options));
  const [line, complaint] = await Promise.all([text(holder.stdout), text(holder.stderr)]);
  release(holder);

  const [word, errno = 'EIO', stage = 'holder'] = line.trim().split(' ');
  switch (word) {
    case 'ok':
      return { status: 'running', holderPid: holder.pid ?? 0 };
    case 'locked':
    case 'started':
      return { status: 'already-started' };
    case 'failed':
      return { status: 'failed', errno, stage };
    default:
      return { status: 'failed', errno: (await gone)?.code ?? complaintOf(complaint), stage: 'holder' };
  }
}

/** What the holder says on stderr begins with its name and ends with what was wrong. */
function complaintOf(complaint: string): string {
  return complaint.trim() === '' ? 'EIO' : complaint.trim().slice(0, 200);
}

function flagsOf({ mode, stdin, cwd, graceMs, leftoverGraceMs, cgroup, terminal, size }: SpawnHolderOptions): string[] {
  const flags: [name: string, value: string | number | null | undefined][] = [
    ['--mode', mode],
    ['--stdin', stdin],
    ['--cwd', cwd],
    ['--grace-ms', graceMs],
    ['--leftover-grace-ms', leftoverGraceMs],
    ['--cgroup', cgroup],
    ['--terminal', terminal],
    ['--rows', size?.rows],
    ['--cols', size?.cols],
  ];
  return flags.flatMap(([name, value]) => (value === undefined || value === null ? [] : [name, String(value)]));
}

/** From here on the server may exit at any time. */
function release(holder: ChildProcessWithoutNullStreams): void {
  holder.unref();
  for (const stream of [holder.stdin, holder.stdout, holder.stderr]) stream.destroy();
}

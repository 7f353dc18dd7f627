import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicNs } from '../machine/monotonic.ts';

/** How an agent is started, and what it reads. */
export interface PipeOrder {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly opening: string;
  /** One after the other, each when the turn before it is over. */
  readonly prompts: readonly string[];
  /** The first prompt waits until the agent has answered the opening. */
  readonly isWarm: boolean;
  /** Before a prompt that waited for something. @default 0 */
  readonly restMs?: number;
}

/** Of a turn; CLOCK_MONOTONIC in ns, as every time of the benchmarks. */
export interface PipeTurn {
  /** When its prompt was written; where it was written with the opening, when the agent was started. */
  askedNs: number;
  firstNs: number;
  lastNs: number;
  deltas: number;
}

/** A process that runs Claude Code on a pipe of its own: the baseline. It keeps nothing and only looks for deltas of text. */
if (process.send !== undefined) {
  process.on('message', (order: PipeOrder) => void readFromPipe(order).then((turns) => process.send?.(turns)));
  process.on('disconnect', () => process.exit());
}

async function readFromPipe(order: PipeOrder): Promise<readonly PipeTurn[]> {
  const { argv, env, cwd, opening, isWarm, restMs = 0 } = order;
  const [program = '', ...args] = argv;
  const prompts = [...order.prompts];
  const turns: PipeTurn[] = [];
  const startedNs = monotonicNs();
  const { stdin, stdout } = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'ignore'] });
  const ask = (askedNs = monotonicNs(), before = '') => {
    turns.push({ askedNs, firstNs: 0, lastNs: 0, deltas: 0 });
    stdin.write(`${before}${prompts.shift() ?? ''}`);
  };
  if (isWarm) stdin.write(opening);
  else ask(startedNs, opening);
  let rest = '';
  stdout.setEncoding('utf8');
  for await (const chunk of stdout as AsyncIterable<string>) {
    const nowNs = monotonicNs();
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const turn = turns.at(-1);
      if (line.includes('"type":"text_delta"') && turn !== undefined) {
        turn.deltas += 1;
        turn.firstNs ||= nowNs;
        turn.lastNs = nowNs;
      } else if (line.startsWith('{"type":"result"') || (turn === undefined && line.includes('"control_response"'))) {
        if (prompts.length === 0) stdin.end();
        else await sleep(restMs).then(() => ask());
      }
    }
  }
  return turns;
}

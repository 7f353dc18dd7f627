import { spawn } from 'node:child_process';
import { monotonicNs } from '../machine/monotonic.ts';

/** How an agent is started, and what it reads. */
export interface PipeOrder {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly input: string;
}

/** CLOCK_MONOTONIC in ns, as every time of the benchmarks. */
export interface PipeReport {
  readonly spawnedNs: number;
  readonly firstNs: number;
  readonly lastNs: number;
  readonly deltas: number;
}

/** A process that runs Claude Code on a pipe of its own: the baseline. It keeps nothing and only looks for deltas of text. */
if (process.send !== undefined) {
  process.on('message', (order: PipeOrder) => void readFromPipe(order).then((report) => process.send?.(report)));
  process.on('disconnect', () => process.exit());
}

async function readFromPipe({ argv: [program = '', ...args], env, cwd, input }: PipeOrder): Promise<PipeReport> {
  const spawnedNs = monotonicNs();
  const { stdin, stdout } = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'ignore'] });
  stdin.write(input);
  const report = { spawnedNs, firstNs: 0, lastNs: 0, deltas: 0 };
  let rest = '';
  stdout.setEncoding('utf8');
  for await (const chunk of stdout as AsyncIterable<string>) {
    const nowNs = monotonicNs();
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.includes('"type":"text_delta"')) {
        report.deltas += 1;
        report.firstNs ||= nowNs;
        report.lastNs = nowNs;
      } else if (line.startsWith('{"type":"result"')) {
        stdin.end();
      }
    }
  }
  return report;
}

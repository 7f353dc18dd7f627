import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ExitEvidence, Line } from '../../src/agents/driver.ts';

/** A recorded run of a real agent: what it printed, and how it ended. */
export interface RecordedRun {
  readonly name: string;
  /** Paths of the files. */
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: ExitEvidence;
  /** All of stdout, then all of stderr. */
  readonly lines: readonly Line[];
}

const folder = fileURLToPath(new URL('../fixtures/recordings/', import.meta.url));

/** The recordings of an agent; see the README beside them for how they were made. */
export function recordingsOf(agent: string): RecordedRun[] {
  const files = readdirSync(`${folder}${agent}`).filter((file) => file.endsWith('.stdout.jsonl'));
  return files.map((file) => recordingOf(agent, file.slice(0, -'.stdout.jsonl'.length)));
}

function recordingOf(agent: string, name: string): RecordedRun {
  const base = `${folder}${agent}/${name}`;
  const [stdout, stderr] = [`${base}.stdout.jsonl`, `${base}.stderr`];
  const lines = [...linesOf('stdout', stdout), ...linesOf('stderr', stderr)];
  return { name, stdout, stderr, exit: exitOf(readFileSync(`${base}.exit`, 'utf8')), lines };
}

/** Two recorders wrote these: `1 .57s` and `code=null signal=SIGKILL 40066ms`. */
function exitOf(text: string): ExitEvidence {
  const named = /code=(\d+|null) signal=(\w+)/.exec(text);
  if (named === null) return { code: Number.parseInt(text, 10), signal: null };
  const [, code = 'null', signal = 'null'] = named;
  return { code: code === 'null' ? null : Number(code), signal: signal === 'null' ? null : signal };
}

function linesOf(stream: Line['stream'], path: string): Line[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return (lines.at(-1) === '' ? lines.slice(0, -1) : lines).map((text) => ({ stream, text }));
}

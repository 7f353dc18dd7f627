import type { FailureReason } from '../contracts/failure-reason.ts';

export type ClockLimit = 'silence' | 'progress' | 'total';

/** That a run has hung for too long, or lasted too long. */
export interface ClockVerdict {
  readonly limit: ClockLimit;
  readonly reason: Extract<FailureReason, 'inactivity_timeout' | 'stalled' | 'run_timeout'>;
  /** For people: which limit, where the run was, and how to raise it. */
  readonly message: string;
}

/** How far the agent had come. */
export interface RunPhase {
  /** It has written something. */
  readonly hasBytes: boolean;
  /** Titles of the tool calls that are open, the latest last. */
  readonly openTools: readonly string[];
}

export function clockVerdict(limit: ClockLimit, limitMs: number, phase: RunPhase): ClockVerdict {
  const { reason, complaint, key } = meanings[limit];
  const advice = `raise \`limits.${key}\` (${limitMs}) in the profile if it needs longer`;
  return { limit, reason, message: `${complaint(inWords(limitMs))} ${inWhichPhase(phase)}; ${advice}` };
}

const meanings = {
  silence: {
    reason: 'inactivity_timeout',
    complaint: (time: string) => `The agent wrote nothing and used no CPU for ${time}`,
    key: 'silenceMs',
  },
  progress: {
    reason: 'stalled',
    complaint: (time: string) => `The agent made no progress for ${time}`,
    key: 'progressMs',
  },
  total: {
    reason: 'run_timeout',
    complaint: (time: string) => `The run took more than ${time} and was ended`,
    key: 'totalMs',
  },
} as const;

function inWhichPhase({ hasBytes, openTools }: RunPhase): string {
  const latest = openTools.at(-1);
  if (latest !== undefined) {
    const title = shorten(latest);
    if (openTools.length > 1) return `while ${openTools.length} tool calls were open (the latest: "${title}")`;
    return `while a tool call was open ("${title}")`;
  }
  return hasBytes ? 'in the middle of its answer' : 'before its first byte';
}

/** A title may be a whole shell script. */
function shorten(title: string): string {
  const line = title.replaceAll(/\s+/g, ' ').trim();
  return line.length > maxTitleLength ? `${line.slice(0, maxTitleLength - 1)}…` : line;
}

const maxTitleLength = 80;

/** In the largest unit that comes out even, such as "90 s" or "2 h". */
function inWords(ms: number): string {
  const [unit, name] = units.find(([size]) => ms >= size && ms % size === 0) ?? [1, 'ms'];
  return `${ms / unit} ${name}`;
}

const units = [
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const;

import type { Scenario } from '../scenario.ts';
import { ClaudePair } from '../claude/claude-pair.ts';
import { measurePairs } from '../claude/measure-pairs.ts';
import { nsPerMs, nsPerSecond } from '../machine/monotonic.ts';
import { row } from '../report/row.ts';

export const firstTextClaude: Scenario = {
  name: 'first-text-claude',
  about: "the real Claude Code's first text: through Drover from POST, on its own pipe from spawn",
  async *measure(bench) {
    const pairs = await measurePairs(await ClaudePair.start(bench, { deltas: 5 }), {
      count: bench.size(15, 3),
      drover: (pair) => pair.throughDrover(),
      own: (pair) => pair.onItsOwnPipe(),
      figureOf: ({ firstNs, askedNs }) => (firstNs - askedNs) / nsPerMs,
    });
    const verdict = { target: 'ratio ≤ 1.05', holds: pairs.ratio <= 1.05 };
    yield row({ name: 'first-text-claude', unit: 'ms', ...pairs, verdict });
  },
};

export const flatClaude: Scenario = {
  name: 'flat-claude',
  about: 'deltas a second of the real Claude Code whose model answers as fast as it can',
  async *measure(bench) {
    const deltas = bench.size(20_000, 4_000);
    const pairs = await measurePairs(await ClaudePair.start(bench, { deltas }), {
      count: bench.size(5, 2),
      drover: (pair) => pair.throughDrover(),
      own: (pair) => pair.onItsOwnPipe(),
      figureOf: ({ firstNs, lastNs }) => deltas / ((lastNs - firstNs) / nsPerSecond),
    });
    const verdict = { target: 'ratio ≥ 0.90, none lost', holds: pairs.ratio >= 0.9 };
    yield row({ name: 'flat-claude', unit: '/s', ...pairs, verdict });
  },
};

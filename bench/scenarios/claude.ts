import type { Bench } from '../bench.ts';
import type { ClaudeTimes } from '../claude/claude-pair.ts';
import type { Scenario } from '../scenario.ts';
import { ClaudePair } from '../claude/claude-pair.ts';
import { median } from '../statistics.ts';
import { nsPerMs, nsPerSecond } from '../machine/monotonic.ts';
import { row } from '../report/row.ts';

export const firstTextClaude: Scenario = {
  name: 'first-text-claude',
  about: "the real Claude Code's first text: through Drover from POST, on its own pipe from spawn",
  async *measure(bench) {
    const pairs = await measurePairs(bench, { deltas: 5, count: bench.size(15, 3) }, ({ askedNs, firstNs }) => {
      return (firstNs - askedNs) / nsPerMs;
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
    const pairs = await measurePairs(bench, { deltas, count: bench.size(5, 2) }, ({ firstNs, lastNs }) => {
      return deltas / ((lastNs - firstNs) / nsPerSecond);
    });
    const verdict = { target: 'ratio ≥ 0.90, none lost', holds: pairs.ratio >= 0.9 };
    yield row({ name: 'flat-claude', unit: '/s', ...pairs, verdict });
  },
};

/** Medians over pairs that follow one another; the ratio is that of the pairs, which share the machine's moods. */
async function measurePairs(
  bench: Bench,
  { deltas, count }: { readonly deltas: number; readonly count: number },
  figureOf: (times: ClaudeTimes) => number,
) {
  const pair = await ClaudePair.start(bench, deltas);
  const drover: number[] = [];
  const own: number[] = [];
  for (let round = 0; round <= count; round += 1) {
    const ownFigure = figureOf(await pair.onItsOwnPipe());
    const droverFigure = figureOf(await pair.throughDrover());
    if (round === 0) continue; // Its first start in a new home writes its settings.
    own.push(ownFigure);
    drover.push(droverFigure);
  }
  const ratios = drover.map((figure, index) => figure / (own[index] ?? Number.NaN));
  return { value: median(drover), baseline: median(own), ratio: median(ratios) };
}

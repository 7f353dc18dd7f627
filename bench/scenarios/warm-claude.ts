import type { PairOrder } from '../claude/measure-pairs.ts';
import type { Scenario } from '../scenario.ts';
import { ClaudePair } from '../claude/claude-pair.ts';
import { measurePairs } from '../claude/measure-pairs.ts';
import { nsPerMs } from '../machine/monotonic.ts';
import { atMost, row } from '../report/row.ts';

export const warmFirstText: Scenario = firstText({
  name: 'warm-first-text',
  about: "the real Claude Code's first text in a session that was warmed: from POST, and from the write to a warm pipe",
  limitMs: 120,
  drover: (pair) => pair.throughWarmedDrover(),
  own: (pair) => pair.onItsOwnWarmedPipe(),
});

export const secondTurnFirstText: Scenario = firstText({
  name: 'second-turn-first-text',
  about: 'its first text in the second turn of a process: from POST, and from the write to its own pipe',
  limitMs: 60,
  drover: (pair) => pair.secondThroughDrover(),
  own: (pair) => pair.secondOnItsOwnPipe(),
});

/** Each round has a process of its own, which two more may outlive; whatever is beyond them is ended between two rounds. */
function firstText({
  name,
  about,
  limitMs,
  ...order
}: Pick<Scenario, 'name' | 'about'> & Pick<PairOrder, 'drover' | 'own'> & { readonly limitMs: number }): Scenario {
  return {
    name,
    about,
    async *measure(bench) {
      const pairs = await measurePairs(await ClaudePair.start(bench, { deltas: 5, warmProcesses: 2 }), {
        count: bench.size(15, 3),
        ...order,
        figureOf: ({ firstNs, askedNs }) => (firstNs - askedNs) / nsPerMs,
      });
      yield row({ name, unit: 'ms', ...pairs, verdict: atMost(pairs.value, limitMs, 'ms') });
    },
  };
}

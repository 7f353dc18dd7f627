import type { ClaudePair, ClaudeTimes } from './claude-pair.ts';
import { median } from '../statistics.ts';

export interface PairOrder {
  /** How many pairs are measured. */
  readonly count: number;
  readonly drover: (pair: ClaudePair) => Promise<ClaudeTimes>;
  readonly own: (pair: ClaudePair) => Promise<ClaudeTimes>;
  readonly figureOf: (times: ClaudeTimes) => number;
}

/** Medians over pairs that follow one another; the ratio is that of the pairs, which share the machine's moods. */
export async function measurePairs(pair: ClaudePair, { count, drover, own, figureOf }: PairOrder) {
  const through: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round <= count; round += 1) {
    const bareFigure = figureOf(await own(pair));
    const throughFigure = figureOf(await drover(pair));
    if (round === 0) continue; // Its first start in a new home writes its settings.
    bare.push(bareFigure);
    through.push(throughFigure);
  }
  const ratios = through.map((figure, index) => figure / (bare[index] ?? Number.NaN));
  return { value: median(through), baseline: median(bare), ratio: median(ratios) };
}

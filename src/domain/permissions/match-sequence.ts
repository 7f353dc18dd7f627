/** Stands in a pattern for any number of items, also none. */
export const anyRun: unique symbol = Symbol('any run');

export interface SequenceMatching<Token, Item> {
  readonly fits: (token: Token, item: Item) => boolean;
}

/**
 * Whether a pattern fits a sequence from its first item to its last.
 *
 * Only the latest `anyRun` is ever reconsidered, so the work is bounded by the items times the longest stretch of the pattern without
 * one; a regular expression could be made to take for ever.
 */
export function matchesSequence<Token, Item>(
  pattern: readonly (Token | typeof anyRun)[],
  items: ArrayLike<Item>,
  { fits }: SequenceMatching<Token, Item>,
): boolean {
  let at = 0;
  let item = 0;
  // Where to go on when the latest run has to take one item more.
  let afterRun = -1;
  let runEnd = 0;
  while (item < items.length) {
    const token = pattern[at];
    if (token === anyRun) {
      at += 1;
      afterRun = at;
      runEnd = item;
    } else if (at < pattern.length && fits(token as Token, items[item] as Item)) {
      at += 1;
      item += 1;
    } else if (afterRun >= 0) {
      runEnd += 1;
      at = afterRun;
      item = runEnd;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every((token) => token === anyRun);
}

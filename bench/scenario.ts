import type { Bench } from './bench.ts';
import type { Row } from './report/row.ts';

export interface Scenario {
  /** Also the beginning of its rows' names. */
  readonly name: string;
  readonly about: string;
  /** Rows as they become known. All that it starts it takes from the bench, which ends it. */
  measure(bench: Bench): AsyncIterable<Row>;
}

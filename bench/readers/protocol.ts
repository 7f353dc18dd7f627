/** What a process of readers is told to read. */
export interface ReadingOrder {
  readonly urls: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  /** Of each URL. */
  readonly readersPerUrl: number;
  /** `drover`: frames with ids and a chain of `prev`; `relay`: an agent's lines as they are. */
  readonly dialect: 'drover' | 'relay';
  /** The type of event that is a delivery, such as `agent_message_chunk`. */
  readonly counted: string;
  /** How many of them each reader must get. */
  readonly expected: number;
  /** Whether the texts carry stamps, of which latencies are made. */
  readonly isStamped: boolean;
}

/** What all readers together have got. Times are CLOCK_MONOTONIC in ns, 0 where nothing came. */
export interface Delivered {
  readonly deliveries: number;
  /** Of the reader that got the fewest. */
  readonly fewest: number;
  /** Gaps in the chain of `prev`, and deliveries too many or too few. */
  readonly lost: number;
  readonly requestedNs: number;
  readonly firstNs: number;
  readonly lastNs: number;
  readonly latenciesMs: Float64Array;
}

export type ReaderReport =
  | { readonly type: 'open' }
  /** Every reader has what was expected. */
  | { readonly type: 'counted'; readonly delivered: Delivered }
  /** Every reader has also seen the end: `run.ended`, or the end of a relay's stream. */
  | { readonly type: 'ended'; readonly delivered: Delivered }
  | { readonly type: 'failed'; readonly problem: string };

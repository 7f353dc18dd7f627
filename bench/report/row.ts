/** One figure of the benchmarks, as `--json` prints it. */
export interface Row {
  readonly name: string;
  /** Null where it could not be measured; then `note` says why. */
  readonly value: number | null;
  readonly unit: string;
  /** The same of something simpler, measured in the same minutes. */
  readonly baseline: number | null;
  /** Of the value to the baseline. */
  readonly ratio: number | null;
  /** For people, such as "≤ relay + 0.35 ms". */
  readonly target: string;
  readonly holds: boolean;
  readonly note?: string;
}

interface Verdict {
  readonly target: string;
  readonly holds: boolean;
}

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline?: number;
  /** @default value / baseline */
  readonly ratio?: number;
  /** @default none: the figure is for information */
  readonly verdict?: Verdict;
  readonly note?: string;
}

export function row({ name, value, unit, baseline, ratio, verdict, note }: Figure): Row {
  return {
    name,
    value,
    unit,
    baseline: baseline ?? null,
    ratio: ratio ?? (baseline === undefined ? null : value / baseline),
    ...(verdict ?? { target: 'for information', holds: true }),
    ...(note === undefined ? {} : { note }),
  };
}

/** The row of a scenario that could not be measured. */
export function failedRow(name: string, error: unknown): Row {
  const note = error instanceof Error ? error.message : String(error);
  return { name, value: null, unit: '', baseline: null, ratio: null, target: 'to be measured', holds: false, note };
}

export function atMost(value: number, limit: number, unit: string): Verdict {
  return { target: `≤ ${limit} ${unit}`, holds: value <= limit };
}

export function atLeast(value: number, limit: number, unit: string): Verdict {
  return { target: `≥ ${limit} ${unit}`, holds: value >= limit };
}

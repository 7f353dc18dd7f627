import type { Row } from './report/row.ts';
import type { Scenario } from './scenario.ts';
import { Bench } from './bench.ts';
import { buildEmitter } from './agent/build-emitter.ts';
import { checkout, installed } from './server/artefact.ts';
import { failedRow } from './report/row.ts';
import { holderBinary } from '../src/holder/build-holder.ts';

export interface RunOptions {
  /** Measures the checkout instead of the package that is made of it. */
  readonly isFromSource: boolean;
  /** Smaller sizes: to see whether all works, not for figures. */
  readonly isQuick: boolean;
  readonly log: (text: string) => void;
}

/** One after another; what a scenario leaves is removed, also when it fails or somebody presses Ctrl-C. */
export async function* runScenarios(scenarios: readonly Scenario[], options: RunOptions): AsyncGenerator<Row> {
  const { isFromSource, isQuick, log } = options;
  await using things = new AsyncDisposableStack();
  let present: AsyncDisposable = things;
  const interruption = new AbortController();
  const preparing = Promise.all([
    buildEmitter(),
    holderBinary(),
    isFromSource ? checkout() : installed(interruption.signal),
  ]);
  const leave = (code: number) => {
    interruption.abort();
    // Somebody who asks twice does not want to wait.
    process.once('SIGINT', () => process.exit(code));
    void (async () => {
      await Promise.allSettled([preparing]);
      await present[Symbol.asyncDispose]();
      await things.disposeAsync();
    })().finally(() => process.exit(code));
  };
  process.once('SIGINT', () => leave(130)).once('SIGTERM', () => leave(143));

  const prepared = await preparing.catch((error: unknown) => failedRow('prepare', error));
  if (!Array.isArray(prepared)) {
    yield prepared;
    return;
  }
  const [emitter, holder, artefact] = prepared;
  things.use(artefact);
  for (const scenario of scenarios) {
    log(`${scenario.name}: ${scenario.about}`);
    const bench = new Bench({ artefact, emitter, holder, isQuick });
    present = bench;
    try {
      yield* scenario.measure(bench);
    } catch (error) {
      // What an interruption breaks is no finding.
      if (!interruption.signal.aborted) yield failedRow(scenario.name, error);
    } finally {
      await bench[Symbol.asyncDispose]();
    }
    if (interruption.signal.aborted) return;
  }
}

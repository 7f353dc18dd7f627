import type { Event, EventData } from '../../contracts/events.ts';
import { inertLine, inertText } from '../inert-text.ts';
import type { Paper } from './paper.ts';

/** Adds up what a run uses, and prints how it ended. */
export class EndingPrinter {
  readonly #paper: Paper;
  #startedAt: string | null = null;
  #tokens = { input: 0, output: 0 };
  #costUsd = 0;

  constructor(paper: Paper) {
    this.#paper = paper;
  }

  started({ at }: Event): void {
    this.#startedAt = at;
    this.#tokens = { input: 0, output: 0 };
    this.#costUsd = 0;
  }

  used(usage: EventData<'usage.recorded'>): void {
    this.#tokens.input += usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
    this.#tokens.output += usage.outputTokens;
    this.#costUsd += usage.costUsd;
  }

  ended({ at, data }: Extract<Event, { type: 'run.ended' }>, hasSpoken: boolean): void {
    const { outcome, reason, message, answer, answerSource } = data;
    const { green, red, yellow, dim } = this.#paper.style;
    if (!hasSpoken && answer !== '') this.#paper.line(inertText(answer));
    if (outcome === 'succeeded' && answerSource === 'none') this.#paper.line(dim('(the answer is empty)'));
    const sign = outcome === 'succeeded' ? green('✓') : outcome === 'failed' ? red('✗') : yellow('■');
    const cause = reason === null ? '' : ` (${reason})`;
    this.#paper.line(`${sign} ${outcome}${cause}${message === null ? '' : `: ${inertLine(message)}`}`);
    const figures = this.#figures(at);
    if (figures !== '') this.#paper.line(dim(`  ${figures}`));
  }

  #figures(endedAt: string): string {
    const { input, output } = this.#tokens;
    // Who came later has not seen it start; and a clock that was set back in between says nothing about how long it took.
    const seconds = this.#startedAt === null ? -1 : (Date.parse(endedAt) - Date.parse(this.#startedAt)) / 1000;
    return [
      ...(seconds >= 0 ? [`${seconds.toFixed(1)} s`] : []),
      ...(input + output > 0 ? [`${input.toLocaleString('en')} tokens in, ${output.toLocaleString('en')} out`] : []),
      ...(this.#costUsd > 0 ? [`$${this.#costUsd.toFixed(4)}`] : []),
    ].join(' · ');
  }
}

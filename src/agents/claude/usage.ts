import type { NewEvent } from '../../contracts/events.ts';
import { type Ledger, noTokens, type OpenMessage, type Tokens } from './state.ts';
import type { ModelUsage, ResultLine, WireUsage } from './wire.ts';

/**
 * Tokens, counted once. A message tells its usage again with each of its blocks, and its final output only at its end (only where
 * partial messages are on); some requests are never told at all (a subagent's last answer, a stream that broke). A result tells
 * the rest: its `modelUsage` and its cost are running totals of the process, its `usage` covers one turn of the main agent alone.
 *
 * Here: what a message's usage says beyond what was counted of it.
 */
export function countMessage(
  ledger: Ledger,
  message: OpenMessage,
  usage: WireUsage | null | undefined,
): { ledger: Ledger; message: OpenMessage; events: NewEvent[] } {
  const rest = beyond(fromWire(usage), message.counted);
  if (isNothing(rest)) return { ledger, message, events: [] };
  const fresh = beyond(rest, ledger.credit);
  return {
    ledger: { ...ledger, counted: sum(ledger.counted, fresh), credit: beyond(ledger.credit, rest) },
    message: { ...message, counted: sum(message.counted, rest) },
    events: isNothing(fresh) ? [] : [recorded(fresh, 0, message.model, message.id)],
  };
}

/**
 * A message of which nothing came whole was counted, and its repeat will be; the process's own totals have it once. What it told is
 * set against what the repeat tells.
 */
export function creditTakenBack(ledger: Ledger, message: OpenMessage): Ledger {
  const isTakenBack = message.blocks.every(({ isComplete }) => !isComplete);
  return isTakenBack ? { ...ledger, credit: sum(ledger.credit, message.counted) } : ledger;
}

/** What the result's totals say beyond what was counted during the turn; never less than nothing, for what was seen was used. */
export function countResult(
  ledger: Ledger,
  result: ResultLine,
  spokenModel: string | null,
): { ledger: Ledger; events: NewEvent[] } {
  const totals = Object.values(result.modelUsage).map(fromModel).reduce(sum, noTokens);
  const hasTotals = !isNothing(totals);
  const turn = hasTotals ? since(totals, ledger.reported) : fromWire(result.usage);
  const rest = beyond(turn, ledger.counted);
  const costUsd = increase(result.total_cost_usd, ledger.reportedCostUsd);
  const models = Object.keys(result.modelUsage);
  const model = models.length === 1 ? (spokenModel ?? models[0] ?? null) : null;
  return {
    ledger: {
      reported: hasTotals ? totals : ledger.reported,
      reportedCostUsd: result.total_cost_usd > 0 ? result.total_cost_usd : ledger.reportedCostUsd,
      counted: noTokens,
      credit: noTokens,
    },
    events: isNothing(rest) && costUsd === 0 ? [] : [recorded(rest, costUsd, model, null)],
  };
}

/** How full the context window is, where the result names the window of the model that spoke last. */
export function contextWindow(result: ResultLine, last: OpenMessage | undefined): NewEvent[] {
  if (last === undefined) return [];
  const { input, output, cacheRead, cacheWrite } = last.counted;
  const used = input + output + cacheRead + cacheWrite;
  // A model with the long context window is reported as `name[1m]` and speaks as `name`.
  const size = Object.entries(result.modelUsage).find(([name]) => name.replace(/\[.*$/, '') === last.model)?.[1]
    .contextWindow;
  return used === 0 || size === undefined ? [] : [{ type: 'usage_update', data: { used, size } }];
}

function recorded(tokens: Tokens, costUsd: number, model: string | null, messageId: string | null): NewEvent {
  const { input, output, cacheRead, cacheWrite } = tokens;
  return {
    type: 'usage.recorded',
    data: {
      inputTokens: input,
      outputTokens: output,
      cacheReadTokens: cacheRead,
      cacheWriteTokens: cacheWrite,
      costUsd,
      model,
      messageId,
    },
  };
}

function fromWire(usage: WireUsage | null | undefined): Tokens {
  return {
    input: usage?.input_tokens ?? 0,
    output: usage?.output_tokens ?? 0,
    cacheRead: usage?.cache_read_input_tokens ?? 0,
    cacheWrite: usage?.cache_creation_input_tokens ?? 0,
  };
}

function fromModel(usage: ModelUsage): Tokens {
  return {
    input: usage.inputTokens,
    output: usage.outputTokens,
    cacheRead: usage.cacheReadInputTokens,
    cacheWrite: usage.cacheCreationInputTokens,
  };
}

function sum(one: Tokens, other: Tokens): Tokens {
  return combine(one, other, (a, b) => a + b);
}

function beyond(whole: Tokens, part: Tokens): Tokens {
  return combine(whole, part, (a, b) => Math.max(0, a - b));
}

function since(total: Tokens, before: Tokens): Tokens {
  return combine(total, before, increase);
}

/** How much a running total has grown; one that fell has begun anew. Rounded, because differences of fractions leave crumbs. */
function increase(total: number, before: number): number {
  return total < before ? total : Math.round((total - before) * 1e10) / 1e10;
}

function combine(one: Tokens, other: Tokens, by: (a: number, b: number) => number): Tokens {
  return {
    input: by(one.input, other.input),
    output: by(one.output, other.output),
    cacheRead: by(one.cacheRead, other.cacheRead),
    cacheWrite: by(one.cacheWrite, other.cacheWrite),
  };
}

function isNothing({ input, output, cacheRead, cacheWrite }: Tokens): boolean {
  return input + output + cacheRead + cacheWrite === 0;
}

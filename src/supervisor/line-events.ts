import type { Driver, Intent, Line, Translation } from '../agents/driver.ts';
import type { NewEvent, RawPointer } from '../contracts/events.ts';
import { chunkTypes } from '../contracts/events.ts';
import type { ProcessId } from '../contracts/ids.ts';
import type { LogLine } from '../holder/line-reader.ts';
import type { Logger } from '../kernel/logger.ts';

/** A longer line that no driver understands is not copied into its event: the event says where it stands. */
const maxCopiedLine = 256 * 1024;

export interface TranslatedLine {
  readonly state: unknown;
  readonly events: readonly (NewEvent & { readonly raw?: RawPointer })[];
  readonly intents: readonly Intent[];
}

/** One line of an agent's log through its driver. Nothing is dropped: what the driver does not understand becomes `agent.output`. */
export function translateLine(
  line: LogLine & { readonly stream: Line['stream']; readonly isPartial: boolean },
  from: { readonly driver: Driver; readonly state: unknown; readonly processId: ProcessId; readonly logger: Logger },
): TranslatedLine {
  const { stream, offset, length, text, isPartial } = line;
  const raw: RawPointer = { process: from.processId, stream, offset, length };
  const translation = text === null ? undefined : tryTranslate(from, { stream, text });
  if (translation?.isRecognised !== true) {
    const copied = text === null || text.length > maxCopiedLine ? null : text;
    const data = isPartial ? { stream, text: copied, isPartial } : { stream, text: copied };
    const events = [...(translation?.events ?? []), { type: 'agent.output' as const, data, raw }];
    return { state: translation?.state ?? from.state, events, intents: translation?.intents ?? [] };
  }
  const events = translation.events.map((event) => (isReadHere(event) ? { ...event, raw } : event));
  return { state: translation.state, events, intents: translation.intents };
}

/** Chunks go without, being many; output that a driver gives up as not understood is that of earlier lines. */
function isReadHere({ type }: NewEvent): boolean {
  return !chunkTypes.has(type) && type !== 'agent.output';
}

/** A driver that throws has a bug; its agent's other lines, and other agents, must not suffer from it. */
function tryTranslate(
  from: { readonly driver: Driver; readonly state: unknown; readonly processId: ProcessId; readonly logger: Logger },
  line: Line,
): Translation<unknown> | undefined {
  try {
    return from.driver.translate(from.state, line);
  } catch (error) {
    from.logger.error(
      { err: error, processId: from.processId, driver: from.driver.name },
      'The driver failed on a line',
    );
    return undefined;
  }
}

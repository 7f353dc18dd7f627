import type { Driver, Intent, Line, Translation } from '../../agents/driver.ts';
import { terminalLines } from '../../agents/terminal-lines.ts';
import type { NewEvent, RawPointer } from '../../contracts/events.ts';
import { chunkTypes } from '../../contracts/events.ts';
import type { ProcessId } from '../../contracts/ids.ts';
import type { LogLine } from '../../holder/line-reader.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { LogPiece } from './reading/process-logs.ts';

/** A longer line that no driver understands is not copied into its event: the event says where it stands. */
const maxCopiedLine = 256 * 1024;

/** Where lines come from, and who understands them. */
export interface LineSource {
  readonly driver: Driver;
  readonly processId: ProcessId;
  readonly logger: Logger;
  /** Its stdout is a terminal. */
  readonly isTerminal: boolean;
}

export interface TranslatedLine {
  readonly state: unknown;
  readonly events: readonly (NewEvent & { readonly raw?: RawPointer })[];
  readonly intents: readonly Intent[];
}

/** What the lines of a log say to a driver: of a terminal's, without what is meant for the terminal; each keeps its place in the log. */
export function spokenLines(
  { isTerminal }: Pick<LineSource, 'isTerminal'>,
  { stream, lines }: Pick<LogPiece, 'stream' | 'lines'>,
): readonly LogLine[] {
  if (!isTerminal || stream !== 'stdout') return lines;
  return lines.flatMap((line) =>
    line.text === null ? line : terminalLines(line.text).map((text) => ({ ...line, text })),
  );
}

/** One line of an agent's log through its driver. Nothing is dropped: what the driver does not understand becomes `agent.output`. */
export function translateLine(
  source: LineSource,
  state: unknown,
  { stream, isPartial }: Pick<LogPiece, 'stream' | 'isPartial'>,
  { offset, length, text }: LogLine,
): TranslatedLine {
  const translation = text === null ? undefined : tryTranslate(source, state, { stream, text });
  // A flood is of chunks: nothing is made anew for them.
  if (translation?.isRecognised === true && !translation.events.some(isReadHere)) return translation;

  const raw: RawPointer = { process: source.processId, stream, offset, length };
  const events = (translation?.events ?? []).map((event) => (isReadHere(event) ? { ...event, raw } : event));
  if (translation?.isRecognised === true) return { ...translation, events };
  const copied = text === null || text.length > maxCopiedLine ? null : text;
  const data = isPartial ? { stream, text: copied, isPartial } : { stream, text: copied };
  events.push({ type: 'agent.output', data, raw });
  return { state: translation?.state ?? state, events, intents: translation?.intents ?? [] };
}

/** Chunks go without, being many; output that a driver gives up as not understood is that of earlier lines. */
function isReadHere({ type }: NewEvent): boolean {
  return !chunkTypes.has(type) && type !== 'agent.output';
}

/** A driver that throws has a bug; its agent's other lines, and other agents, must not suffer from it. */
function tryTranslate(
  { driver, processId, logger }: LineSource,
  state: unknown,
  line: Line,
): Translation<unknown> | undefined {
  try {
    return driver.translate(state, line);
  } catch (error) {
    logger.error({ err: error, processId, driver: driver.name }, 'The driver failed on a line');
    return undefined;
  }
}

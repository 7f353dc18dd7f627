import { pino } from 'pino';

/** Structured log of the server itself; what agents say goes to the event log. */
export type Logger = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error' | 'child' | 'level'>;

export interface LoggerOptions {
  /** @default "info" */
  readonly level?: string;
  /** File descriptor that the JSON lines go to. @default 2 */
  readonly fd?: number;
}

export function createLogger({ level = 'info', fd = 2 }: LoggerOptions = {}): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: fd, sync: true }),
  );
}

export const silentLogger: Logger = pino({ level: 'silent' });

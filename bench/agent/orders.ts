import type { Gate } from './gate.ts';

/** What the emitter is to do in a turn. */
export interface Orders {
  /** @default 0 */
  readonly lines?: number;
  /** Between two lines. @default 0: flat out */
  readonly everyUs?: number;
  /** Of a line's text. @default 40 */
  readonly bytes?: number;
  /** Each text carries when it was written. @default false */
  readonly isStamped?: boolean;
  /** Each line is a message of its own, which stays in the log, where chunks go when their message is complete. @default false */
  readonly isWhole?: boolean;
  /** Passed before the first line. */
  readonly startGate?: Gate;
  /** Passed before the message completes, which costs readers that are behind its chunks. */
  readonly endGate?: Gate;
  /** The turn does not end. @default false */
  readonly isHeld?: boolean;
}

export function toPrompt(orders: Orders): string {
  const { lines = 0, everyUs = 0, bytes = 40, isStamped, isWhole, startGate, endGate, isHeld } = orders;
  return [
    `emit lines=${lines} every_us=${everyUs} bytes=${bytes}`,
    ...(isStamped === true ? ['stamp=1'] : []),
    ...(isWhole === true ? ['whole=1'] : []),
    ...(isHeld === true ? ['hold=1'] : []),
    ...(startGate === undefined ? [] : [`start_gate=${startGate.directory}`]),
    ...(endGate === undefined ? [] : [`end_gate=${endGate.directory}`]),
  ].join(' ');
}

import type { OnFrame } from './frame-cutter.ts';
import type { Tally } from './tally.ts';
import { numberAt, standsAt } from './digits.ts';

const stampMark = '@'.charCodeAt(0);

/** Counts the lines of an agent as a relay sends them: `data: {"type":"text",…`. */
export function relayFrames(tally: Tally, counted: string, isStamped: boolean): OnFrame {
  const start = Buffer.from(`data: {"type":"${counted}"`);
  return (buffer, frameStart) => {
    if (!standsAt(buffer, frameStart, start)) return;
    tally.deliver(isStamped ? numberAt(buffer, buffer.indexOf(stampMark, frameStart) + 1) : 0);
  };
}

import type { OnFrame } from './frame-cutter.ts';
import type { Tally } from './tally.ts';
import { digitsAt, numberAt, standsAt } from './digits.ts';

const at = (byte: string) => byte.charCodeAt(0);
const dash = at('-');
const stampMark = at('@');
const beforeSeq = 'data: {"seq":'.length;
const beforePrev = ',"prev":'.length;
const runEnded = Buffer.from('"type":"run.ended"');

/**
 * Counts Drover's frames: `id: <generation>-<seq>\ndata: {"seq":<seq>,"prev":<prev>,…`. One that says that there was another between
 * the last seen and itself is a gap.
 */
export function droverFrames(tally: Tally, counted: string, isStamped: boolean): OnFrame {
  const type = Buffer.from(`"type":"${counted}"`);
  let lastSeq = -1;
  /** Where behind `prev` the type stands: the same in all events of a run, whose ids have one length. */
  let typeOffset = 0;

  return (buffer, start, end) => {
    if (buffer[start] !== at('i')) return; // A comment, or how soon to come back.
    const dashAt = start + 4 + digitsAt(buffer, start + 4);
    const seqDigits = digitsAt(buffer, dashAt + 1);
    const seq = numberAt(buffer, dashAt + 1);
    const prevAt = dashAt + 1 + seqDigits + 1 + beforeSeq + seqDigits + beforePrev;
    const prev = numberAt(buffer, prevAt);
    if (buffer[dashAt] !== dash || Number.isNaN(seq) || Number.isNaN(prev)) {
      throw new Error(
        `A frame is not what it should be: ${buffer.toString('utf8', start, Math.min(end, start + 300))}`,
      );
    }
    // What was there before the reader came is none of its losses.
    if (lastSeq !== -1 && (prev > lastSeq || seq <= lastSeq)) tally.gaps += 1;
    lastSeq = seq;
    if (!standsAt(buffer, prevAt + typeOffset, type)) {
      const found = buffer.indexOf(type, prevAt);
      if (found === -1 || found >= end) {
        const ended = buffer.indexOf(runEnded, prevAt);
        if (ended !== -1 && ended < end) tally.hasEnded = true;
        return;
      }
      typeOffset = found - prevAt;
    }
    tally.deliver(isStamped ? numberAt(buffer, buffer.indexOf(stampMark, prevAt + typeOffset) + 1) : 0);
  };
}

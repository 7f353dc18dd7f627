import { get } from 'node:http';
import type { ReadingOrder } from './protocol.ts';
import type { Tally } from './tally.ts';
import { droverFrames } from './drover-frames.ts';
import { FrameCutter } from './frame-cutter.ts';
import { monotonicNs } from '../machine/monotonic.ts';
import { relayFrames } from './relay-frames.ts';

export interface StreamHooks {
  /** What came has been counted. */
  readonly onProgress: () => void;
  readonly onFailure: (error: Error) => void;
}

/** Opens one stream and counts what it brings; resolves when its head is there. Returns how to close it. */
export function openStream(
  url: string,
  order: ReadingOrder,
  tally: Tally,
  { onProgress, onFailure }: StreamHooks,
): Promise<() => void> {
  const frames = order.dialect === 'drover' ? droverFrames : relayFrames;
  const cutter = new FrameCutter(frames(tally, order.counted, order.isStamped));
  return new Promise((resolve, reject) => {
    const headers = { accept: 'text/event-stream', ...order.headers };
    const request = get(url, { headers, agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`));
      let isClosed = false;
      response.on('data', (chunk: Buffer) => {
        tally.nowNs = monotonicNs();
        try {
          cutter.push(chunk);
        } catch (error) {
          onFailure(error as Error);
        }
        onProgress();
      });
      response.on('error', (error) => (isClosed ? undefined : onFailure(error)));
      response.on('end', () => {
        tally.hasEnded = true;
        onProgress();
      });
      resolve(() => {
        isClosed = true;
        request.destroy();
      });
    });
    request.on('error', reject);
  });
}

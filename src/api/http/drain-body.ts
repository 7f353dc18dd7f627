import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../kernel/clock.ts';

/** A body that goes on for longer is cut off, answer or not. */
const drainLimitBytes = 64 * 1024 * 1024;

/** Somebody who only announced a body is not waited for. */
const silenceMs = 500;

/**
 * Reads what is left of a body that was refused for its size, and keeps none of it: a client that is still sending when the connection
 * is closed sees only a broken pipe, never the answer that says what the limit is.
 */
export function drainBody(request: IncomingMessage, clock: Pick<Clock, 'setTimer'>): Promise<void> {
  return new Promise((resolve) => {
    if (request.readableEnded || request.destroyed) {
      resolve();
      return;
    }
    let drained = 0;
    let silence = clock.setTimer(silenceMs, resolve);
    const finish = () => {
      silence.cancel();
      resolve();
    };
    request.on('data', (bytes: Buffer) => {
      drained += bytes.length;
      silence.cancel();
      if (drained > drainLimitBytes) finish();
      else silence = clock.setTimer(silenceMs, resolve);
    });
    request.once('end', finish).once('close', finish).once('error', finish);
    request.resume();
  });
}

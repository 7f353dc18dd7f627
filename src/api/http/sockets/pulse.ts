import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Clock } from '../../../kernel/clock.ts';

const beatMs = 15_000;

/** A peer that owes so many pongs is gone. */
const maxMissed = 2;

/** So many beats, a minute, in which a client takes nothing of what waits for it: it stands still. */
const maxStill = 4;

export interface PulseOptions {
  readonly socket: WebSocket;
  /** What it is on. */
  readonly connection: Pick<Socket, 'bytesWritten' | 'writableLength'>;
  readonly clock: Pick<Clock, 'setTimer'>;
  readonly onGone: () => void;
  readonly onStill: () => void;
}

/**
 * Finds out about clients that are no more, and about those that stand still. Where something waits, a ping would wait behind it and
 * say nothing: there it counts whether anything went out since the last beat.
 */
export function startPulse({ socket, connection, clock, onGone, onStill }: PulseOptions): { stop(): void } {
  let missed = 0;
  let still = 0;
  let taken = -1;
  const beat = () => {
    timer = clock.setTimer(beatMs, beat);
    if (socket.readyState !== socket.OPEN) return;
    const { bytesWritten, writableLength } = connection;
    const wasTaken = taken;
    taken = bytesWritten - writableLength;
    if (writableLength > 0) {
      still = taken === wasTaken ? still + 1 : 0;
      if (still >= maxStill) onStill();
      return;
    }
    still = 0;
    if (missed >= maxMissed) {
      onGone();
      return;
    }
    missed += 1;
    socket.ping();
  };
  const seen = () => (missed = 0);
  let timer = clock.setTimer(beatMs, beat);
  socket.on('pong', seen).on('message', seen);
  return { stop: () => timer.cancel() };
}

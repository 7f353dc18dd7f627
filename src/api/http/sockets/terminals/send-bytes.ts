import type { WebSocket } from 'ws';

/** So that what is said in between does not wait for long. */
const maxFrameBytes = 64 * 1024;

/** Resolves when the connection has taken the bytes, or is closed: so no more of them than these ever wait for a client. */
export async function sendBytes(socket: WebSocket, bytes: Buffer, signal: AbortSignal): Promise<void> {
  for (let at = 0; at < bytes.length && !signal.aborted; at += maxFrameBytes) {
    const frame = bytes.subarray(at, at + maxFrameBytes);
    await new Promise<void>((resolve) => socket.send(frame, { binary: true }, () => resolve()));
  }
}

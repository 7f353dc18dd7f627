import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:http';
import type { Event } from '../../src/contracts/events.ts';
import { numbersIn } from './collect.ts';

/*
 * Many readers of one session's stream, in a process of their own: node crowd.ts URL TOKEN SESSION READERS. Prints "joined" when all
 * of them are there, and what became of them when the session's process has gone.
 */

export interface CrowdReport {
  /** How many numbers each reader was told, and how many readers that was true of. */
  readonly told: Readonly<Record<string, number>>;
  /** What should not have happened. */
  readonly problems: readonly string[];
}

const [url = '', token = '', sessionId = '', readers = ''] = process.argv.slice(2);
const joiningAtOnce = 100;

const told: Record<string, number> = {};
const problems: string[] = [];

const ends: Promise<void>[] = [];
for (let joined = 0; joined < Number(readers); joined += joiningAtOnce) {
  const count = Math.min(joiningAtOnce, Number(readers) - joined);
  const streams = await Promise.all(Array.from({ length: count }, join));
  ends.push(...streams.map(read));
}
console.log('joined');
await Promise.all(ends);
console.log(JSON.stringify({ told, problems: problems.slice(0, 10) } satisfies CrowdReport));

async function join(): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' };
  const request = get(`${url}/v1/sessions/${sessionId}/events`, { headers, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

/** Reads until the process has gone, and checks that nothing is missing, doubled or out of order. */
async function read(stream: IncomingMessage): Promise<void> {
  let cursor = 0;
  let numbers = 0;
  let rest = '';
  stream.setEncoding('utf8');
  try {
    for await (const text of stream as AsyncIterable<string>) {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!line.startsWith('data:')) continue;
        const event = JSON.parse(line.slice('data:'.length)) as Event;
        if (event.prev > cursor || event.seq <= cursor) problems.push(`${event.prev}, ${event.seq} after ${cursor}`);
        cursor = event.seq;
        for (const number of numbersIn([event])) if (number !== ++numbers) problems.push(`${number} as ${numbers}.`);
        if (event.type === 'process.exited') return;
      }
    }
    problems.push('The stream ended');
  } catch (error) {
    problems.push(String(error));
  } finally {
    told[numbers] = (told[numbers] ?? 0) + 1;
    stream.destroy();
  }
}

import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RelayReader } from './relay-reader.ts';

/**
 * The least that puts an agent's lines before readers: a pipe, cut into lines, unparsed, as server-sent events to whoever is
 * connected. It keeps nothing, checks nothing and forgets all when it dies: what Drover does beyond it is what the ratio shows.
 */
const readers = new Set<RelayReader>();

const server = createServer((request, response) => {
  if (request.method === 'POST') {
    void run(new URL(request.url ?? '', 'http://relay').searchParams.getAll('argv'));
    response.writeHead(202).end();
    return;
  }
  const reader = new RelayReader(response);
  readers.add(reader);
  response.once('close', () => readers.delete(reader));
});

async function run([program = '', ...args]: string[]): Promise<void> {
  const { stdout } = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  stdout.setEncoding('latin1'); // Bytes as they are: nothing is decoded only to be encoded again.
  let rest = '';
  for await (const chunk of stdout as AsyncIterable<string>) {
    const end = chunk.lastIndexOf('\n');
    if (end === -1) {
      rest += chunk;
      continue;
    }
    const lines = rest + chunk.slice(0, end);
    rest = chunk.slice(end + 1);
    await send(`data: ${lines.replaceAll('\n', '\n\ndata: ')}\n\n`);
  }
  for (const reader of readers) reader.end();
  readers.clear();
}

/** One write for a whole chunk of lines, one buffer for all readers; the slowest of them holds the agent back. */
async function send(frames: string): Promise<void> {
  const bytes = Buffer.from(frames, 'latin1');
  const full = [...readers].filter((reader) => !reader.write(bytes));
  if (full.length > 0) await Promise.all(full.map((reader) => reader.drained()));
}

server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());

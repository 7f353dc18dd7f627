import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../kernel/app-error.ts';
import type { RawLog } from '../../../supervisor/supervisor.ts';
import { runId, startApi, token, type ApiUnderTest } from '../api-under-test.ts';

let api: ApiUnderTest;
let directory: string;
const asked: unknown[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'drover-raw-log-'));
  await writeFile(join(directory, 'stdout'), '0123456789');
  await writeFile(join(directory, 'stderr'), '');
  // Sparse: 64 GB that are nowhere.
  await using huge = await open(join(directory, 'huge'), 'w');
  await huge.truncate(hugeBytes);
  api = await startApi({
    supervisor: {
      async rawLog(_owner, id, { stream, attempt }) {
        asked.push([id, stream, attempt]);
        if (attempt === 9) throw new AppError('not_found', 'There is no attempt 9');
        if (attempt === 8) return logOf('huge', hugeBytes);
        if (attempt === 7) return { size: 5, open: () => Promise.reject(new AppError('not_found', 'It is gone')) };
        if (attempt === 6) return { size: 5, open: () => Promise.reject(new AppError('log_damaged', 'Lost: 0 to 4')) };
        return logOf(stream, stream === 'stdout' ? 10 : 0);
      },
    },
  });
});

afterAll(async () => {
  await api.stop();
  await rm(directory, { recursive: true });
});

const logOf = (name: string, size: number): RawLog => ({
  size,
  open: async (first, last) => createReadStream(join(directory, name), { start: first, end: last }),
});
const hugeBytes = 64 * 1024 ** 3;
const path = `/v1/runs/${runId}/logs/stdout`;
const get = (range?: string, url = path) => api.send('GET', url, { headers: range === undefined ? {} : { range } });

describe('a raw log', () => {
  it('is downloaded as bytes that no browser opens', async () => {
    const { status, headers, text } = await get();
    expect([status, text]).toEqual([200, '0123456789']);
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '10',
      'content-disposition': `attachment; filename="${runId}-stdout.log"`,
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
  });

  it('may be empty', async () => {
    const { status, headers, text } = await get(undefined, path.replace('stdout', 'stderr'));
    expect([status, text, headers['content-length']]).toEqual([200, '', '0']);
  });

  it('is given in part for a Range', async () => {
    const { status, headers, text } = await get('bytes=3-5');
    expect([status, text, headers['content-range']]).toEqual([206, '345', 'bytes 3-5/10']);
    expect((await get('bytes=-2')).text).toBe('89');
  });

  it('answers 416 with its size for a Range beyond its end', async () => {
    const { status, headers, json } = await get('bytes=10-');
    expect([status, headers['content-range'], headers['content-type']]).toEqual([
      416,
      'bytes */10',
      'application/problem+json',
    ]);
    expect(json).toMatchObject({ status: 416, detail: 'The range "bytes=10-" lies outside the 10 bytes of this log' });
  });

  it('is given whole for a Range that need not be honoured', async () => {
    expect((await get('bytes=0-1,4-5')).text).toBe('0123456789');
    expect((await api.send('GET', path, { headers: { range: 'bytes=3-5', 'if-range': '"x"' } })).text).toBe(
      '0123456789',
    );
  });

  it('belongs to the attempt that is named', async () => {
    asked.length = 0;
    await get(undefined, `${path}?attempt=2`);
    expect(asked).toEqual([[runId, 'stdout', 2]]);
    expect((await get(undefined, `${path}?attempt=9`)).status).toBe(404);
    expect((await get(undefined, `${path}?attempt=0`)).status).toBe(400);
    expect((await get(undefined, path.replace('stdout', 'stdin'))).status).toBe(400);
  });

  it('that is no longer there is 404', async () => {
    expect((await get(undefined, `${path}?attempt=7`)).json).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('that is damaged is said to be so, not served', async () => {
    const { status, json } = await get(undefined, `${path}?attempt=6`);
    expect([status, json]).toMatchObject([500, { code: 'log_damaged', detail: 'Lost: 0 to 4' }]);
  });

  it('costs a bounded amount of memory for a reader that does not read', async () => {
    const before = process.memoryUsage.rss();
    const socket = connect(api.port, '127.0.0.1');
    socket.pause();
    socket.write(
      `GET ${path}?attempt=8 HTTP/1.1\r\nHost: 127.0.0.1:${api.port}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    // Others are served all the while; by then everything that fits into the buffers has been read.
    for (let request = 0; request < 200; request++) await get();
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 ** 2);
    socket.destroy();
  });
});

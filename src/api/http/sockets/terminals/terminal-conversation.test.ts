import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import type { ProcessId } from '../../../../contracts/ids.ts';
import { TerminalServerFrame } from '../../../../contracts/terminal-socket.ts';
import { AppError } from '../../../../kernel/app-error.ts';
import type { TerminalSeat, TerminalViewer } from '../../../../supervisor/terminal/terminal-seat.ts';
import { runId, startApi, token, type ApiUnderTest } from '../../api-under-test.ts';
import { heldClock } from '../socket-under-test.ts';

/** A terminal of ten digits that goes on when the test says so, and notes what is done at it. */
class Desk {
  readonly done: unknown[] = [];
  readonly end = Promise.withResolvers<undefined>();
  viewer: TerminalViewer | undefined;
  isWriter = false;
  bytes: Buffer[] = [];
  typing: Promise<undefined> = Promise.resolve(undefined);

  readonly sit = async (_owner: unknown, id: string, viewer: TerminalViewer): Promise<TerminalSeat> => {
    if (id !== runId) throw new AppError('not_found', `There is no run "${id}"`);
    this.viewer = viewer;
    // What a seat does is noted here.
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const desk = this;
    return {
      processId: 'prc_1' as ProcessId,
      size: 10,
      dimensions: { rows: 50, cols: 200 },
      get isWriter() {
        return desk.isWriter;
      },
      async *read(from, signal) {
        yield Buffer.from('0123456789').subarray(from);
        for (const bytes of desk.bytes) yield bytes;
        const left = new Promise((resolve) => signal.addEventListener('abort', resolve));
        await Promise.race([desk.end.promise, left]);
      },
      take(options) {
        desk.done.push(['take', options]);
        desk.isWriter = true;
        viewer.onWriter(true);
      },
      release: () => void desk.done.push('release'),
      async type(bytes) {
        if (!desk.isWriter) throw new AppError('wrong_state', 'You only watch');
        desk.done.push(Buffer.from(bytes).toString());
        await desk.typing;
      },
      resize: (size) => void desk.done.push(size),
      leave: () => void desk.done.push('leave'),
    };
  };
}

class Client {
  readonly socket: WebSocket;
  readonly frames: TerminalServerFrame[] = [];
  readonly closed: Promise<[number, string]>;
  bytes = '';

  constructor(api: ApiUnderTest, query = '', options: ClientOptions & { path?: string; token?: string } = {}) {
    const { path = `/v1/runs/${runId}/terminal`, token: own = token } = options;
    this.socket = new WebSocket(`ws://127.0.0.1:${api.port}${path}${query}`, ['drover.v1', `drover.token.${own}`]);
    this.socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.bytes += data.toString();
      else this.frames.push(TerminalServerFrame.parse(JSON.parse(data.toString())));
    });
    this.closed = new Promise((resolve) =>
      this.socket.on('close', (code, reason) => resolve([code, reason.toString()])),
    );
    this.socket.on('error', () => undefined);
  }

  say(frame: unknown): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Resolves when the server has answered all that was said. */
  async settled(): Promise<void> {
    const count = () => this.frames.filter(({ type }) => type === 'pong').length;
    const before = count();
    this.say({ type: 'ping' });
    while (count() === before) await once(this.socket, 'message');
  }
}

let desk: Desk;
let api: ApiUnderTest;
let held: ReturnType<typeof heldClock>;
beforeEach(async () => {
  desk = new Desk();
  held = heldClock();
  api = await startApi({ supervisor: { terminal: desk.sit }, clock: held.clock });
});
afterEach(() => api.stop());

async function open(query = ''): Promise<Client> {
  const client = new Client(api, query);
  await once(client.socket, 'open');
  await client.settled();
  return client;
}

describe('the terminal of a run on a WebSocket', () => {
  it.each([
    ['', 0],
    ['?from=4', 4],
    ['?from=-3', 7],
    ['?from=-30', 0],
    ['?from=30', 10],
  ])('begins where it is asked to (%j)', async (query, offset) => {
    const client = await open(query);
    expect(client.frames[0]).toEqual({
      type: 'terminal',
      runId,
      offset,
      size: 10,
      rows: 50,
      cols: 200,
      isWriter: false,
    });
    expect(client.bytes).toBe('0123456789'.slice(offset));
  });

  it('obeys, says what happens, and ends with the state of the run', async () => {
    const client = await open('?write=true');
    expect(client.frames[0]).toMatchObject({ isWriter: true });
    client.say({ type: 'resize', rows: 24, cols: 80 });
    client.socket.send(Buffer.from('ls\r'));
    client.say({ type: 'take', steal: true });
    client.say({ type: 'release' });
    desk.viewer?.onResized({ rows: 24, cols: 80 });
    await client.settled();
    expect(desk.done).toMatchObject([
      ['take', undefined],
      { rows: 24, cols: 80 },
      'ls\r',
      ['take', { steal: true }],
      'release',
    ]);
    expect(client.frames).toContainEqual({ type: 'resized', rows: 24, cols: 80 });
    desk.end.resolve(undefined);
    expect(await client.closed).toEqual([1000, 'The process has ended']);
    expect(client.frames.at(-1)).toEqual({ type: 'ended', size: 10, state: 'queued', reason: null, message: null });
    expect(desk.done.at(-1)).toBe('leave');
  });

  it('refuses what is typed by who only watches, and stays', async () => {
    const client = await open();
    client.socket.send(Buffer.from('x'));
    await client.settled();
    expect(client.frames).toContainEqual(expect.objectContaining({ type: 'error' }));
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('passes on what is typed without waiting, until too much waits to be stored', async () => {
    const stored = Promise.withResolvers<undefined>();
    desk.typing = stored.promise;
    const client = await open('?write=true');
    for (let key = 0; key < 3; key += 1) client.socket.send(Buffer.from('k'));
    await client.settled();
    client.socket.send(Buffer.alloc(70_000, 'p'));
    client.socket.send(Buffer.from('behind'));
    const lengths = () => desk.done.slice(1).map((typed) => String(typed).length);
    await expect.poll(lengths).toEqual([1, 1, 1, 70_000]);
    stored.resolve(undefined);
    await client.settled();
    expect(lengths()).toEqual([1, 1, 1, 70_000, 6]);
  });

  it.each([
    ['{"type":"resize","rows":0,"cols":80}', /rows/],
    ['{"type":"resize","rows":1e9,"cols":80}', /rows/],
    ['{"type":"subscribe","sessionId":"x"}', /./],
    ['{"type":"ping","id":1}', /./],
    ['no', 'The frame is not valid JSON'],
  ])('closes with 4400 on %s', async (frame, reason) => {
    const client = await open();
    client.socket.send(frame);
    expect(await client.closed).toEqual([4400, expect.stringMatching(reason)]);
    expect(desk.done).toContain('leave');
  });

  it('says goodbye when the server stops', async () => {
    const client = await open();
    await Promise.all([api.stop(), client.closed]);
    expect((await client.closed)[0]).toBe(1001);
  });

  it('cuts who stands still for a minute, with little waiting for them', async () => {
    desk.bytes = Array.from({ length: 200 }, () => Buffer.alloc(256 * 1024, 'x'));
    const client = await open();
    client.socket.pause();
    // What the connection itself holds is taken before it stands still.
    for (let beat = 0; beat < 12; beat += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      held.fire(15_000);
    }
    client.socket.resume();
    expect(await client.closed).toEqual([4408, expect.stringContaining('from')]);
  });

  it('refuses before it opens', async () => {
    const refused = async (...args: [query?: string, options?: { path?: string; token?: string }]) => {
      const client = new Client(api, ...args);
      const [, response] = (await once(client.socket, 'unexpected-response')) as [unknown, { statusCode: number }];
      return response.statusCode;
    };
    expect(await refused('', { path: '/v1/runs/run_01890000-0000-7000-8000-0000000000ff/terminal' })).toBe(404);
    expect(await refused('', { token: 'drv_wrong' })).toBe(401);
    expect(await refused('?from=x')).toBe(400);
    expect(await refused('?to=1')).toBe(400);
    expect((await api.send('GET', `/v1/runs/${runId}/terminal`)).status).toBe(426);
    expect(desk.done).toEqual(['leave']);
  });
});

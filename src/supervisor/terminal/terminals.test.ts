import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Config } from '../../config/config.ts';
import type { RunId, SessionId } from '../../contracts/ids.ts';
import { SupervisorUnderTest } from '../supervisor-under-test.ts';
import type { TerminalSeat, TerminalViewer } from './terminal-seat.ts';

const profiles: Config['profiles'] = {
  shell: {
    driver: 'command',
    options: { command: ['/bin/sh', '-i'], prompt: 'none', env: { PS1: '$ ' } },
    transport: 'pty',
  },
  typist: { driver: 'command', options: { command: ['/bin/sh'], env: { PS1: '$ ' } }, transport: 'pty' },
  cat: { driver: 'command', options: { command: ['/bin/cat'] }, transport: 'pipe' },
  scripted: { driver: 'scripted', options: {}, transport: 'pty' },
};

let under: SupervisorUnderTest;
beforeEach(async () => {
  under = new SupervisorUnderTest();
  await under.start({ profiles });
});
afterEach(() => under[Symbol.asyncDispose]());

async function run(profile: string, prompt = 'go'): Promise<{ sessionId: SessionId; runId: RunId }> {
  const owner = await under.store.localOwner();
  const session = await under.supervisor.createSession(owner, { profile, workspace: { path: under.workspace() } });
  const { run } = await under.supervisor.createRun(owner, session.id, { prompt });
  await under.until(session.id, ({ type }) => type === 'process.started');
  return { sessionId: session.id, runId: run.id };
}

/** Somebody at the terminal, and what they have been told. */
async function sit(runId: RunId) {
  const told: unknown[] = [];
  const viewer: TerminalViewer = {
    onWriter: (isWriter) => void told.push(isWriter),
    onResized: (size) => void told.push(size),
  };
  const seat = await under.supervisor.terminal(await under.store.localOwner(), runId, viewer);
  return { seat, told };
}

/** What is read from there until this is found, or to the end. */
async function readUntil(seat: TerminalSeat, found: string | null, from = 0): Promise<string> {
  const leave = new AbortController();
  let bytes = Buffer.alloc(0);
  for await (const piece of seat.read(from, leave.signal)) {
    bytes = Buffer.concat([bytes, piece]);
    if (found !== null && bytes.includes(found)) leave.abort();
  }
  return bytes.toString();
}

describe('a terminal', () => {
  test('is typed at by one, seen by all, and read again from anywhere', async () => {
    const { runId, sessionId } = await run('shell');
    const [one, other] = [await sit(runId), await sit(runId)];
    one.seat.take();
    expect(() => other.seat.take()).toThrow('Somebody else types');
    await expect(other.seat.type(Buffer.from('x'))).rejects.toThrow('only watch');
    await one.seat.type(Buffer.from('echo $((6*7)); stty size\r'));
    const seen = await Promise.all([readUntil(one.seat, '50 200'), readUntil(other.seat, '50 200')]);
    expect(seen[0]).toContain('\r\n42\r\n');

    other.seat.take({ steal: true });
    expect([one.told, other.told]).toEqual([[true, false], [true]]);
    other.seat.resize({ rows: 30, cols: 90 });
    expect(one.told.at(-1)).toEqual({ rows: 30, cols: 90 });
    await other.seat.type(Buffer.from('stty size; exit 3\r'));
    const all = await readUntil(one.seat, null);
    expect(all).toContain('\r\n30 90\r\n');
    expect(await readUntil(other.seat, null, all.length - 10)).toBe(all.slice(-10));

    const events = await under.until(sessionId, ({ type }) => type === 'process.exited');
    const ranges = events.flatMap((event) => (event.type === 'terminal.output' ? [event.data] : []));
    let end = 0;
    for (const { offset, length } of ranges) {
      expect(offset).toBe(end);
      end += length;
    }
    expect(end).toBe(Buffer.byteLength(all));
    expect(events.at(-2)).toMatchObject({ type: 'run.ended', data: { outcome: 'failed', reason: 'agent_crashed' } });
    await expect(other.seat.type(Buffer.from('x'))).rejects.toMatchObject({ code: 'wrong_state' });
    const late = await sit(runId);
    expect(await readUntil(late.seat, null)).toBe(all);
    expect(() => late.seat.take()).toThrow('is over');
  });

  test('has the size that it was given after another server has come, and its shell is the same', async () => {
    const { runId } = await run('shell');
    const { seat } = await sit(runId);
    seat.take();
    seat.resize({ rows: 20, cols: 60 });
    await seat.type(Buffer.from('echo pid=$$=\r'));
    const before = /pid=(\d+)=/.exec(await readUntil(seat, '=\r\n$ '))?.[1];
    await under.stop();
    await under.start({ profiles });
    const again = await sit(runId);
    expect(again.seat.dimensions).toEqual({ rows: 20, cols: 60 });
    const from = again.seat.size;
    again.seat.take();
    await again.seat.type(Buffer.from('echo pid=$$=; exit\r'));
    expect(await readUntil(again.seat, null, from)).toContain(`pid=${before}=`);
  });

  test('keeps what is typed while its run is paused', async () => {
    const owner = await under.store.localOwner();
    const { runId } = await run('shell');
    const { seat } = await sit(runId);
    await readUntil(seat, '$ ');
    await under.supervisor.command(owner, runId, 'pause');
    seat.take();
    await seat.type(Buffer.from('echo paused; exit\r'));
    await under.supervisor.command(owner, runId, 'resume');
    expect(await readUntil(seat, null)).toContain('\r\npaused\r\n');
  });

  test('has the prompt typed at it', async () => {
    const { runId } = await run('typist', 'echo typed $((1+1)); exit');
    const { seat } = await sit(runId);
    expect(await readUntil(seat, null)).toContain('typed 2\r\n');
    expect(await under.find(runId)).toMatchObject({ state: 'succeeded', answer: '', answerSource: 'none' });
  });

  test("that is nobody's screen can be watched only, and a pipe is none", async () => {
    const scripted = await run('scripted', 'hello');
    const { seat } = await sit(scripted.runId);
    expect(() => seat.take()).toThrow('a protocol');
    expect(await readUntil(seat, null)).toContain('"type":"turn_ended"');
    const piped = await run('cat', 'a\nb');
    await expect(sit(piped.runId)).rejects.toMatchObject({ code: 'unsupported' });
    await under.until(piped.sessionId, ({ type }) => type === 'run.ended');
    expect(await under.find(piped.runId)).toMatchObject({ state: 'succeeded', answer: 'a\nb' });
  });
});

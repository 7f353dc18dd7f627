import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Event } from '../../src/contracts/events.ts';
import type { Step } from '../../src/agents/scripted/script.ts';
import {
  end,
  fail,
  hang,
  ignoreSignals,
  print,
  say,
  script,
  tool,
  waitForFile,
} from '../../src/agents/scripted/script.ts';
import { launcher, TestServer } from './test-server.ts';
import { until } from './until.ts';

let server: TestServer;

beforeEach(async () => {
  server = new TestServer({ config: { stopGraceMs: 300 } });
  await server.start();
});

afterEach(() => server.dispose());

/** The command line as a person starts it, against the test's server. */
function drover(...args: string[]) {
  const env = { ...server.env, DROVER_DATA_DIR: server.dataDir };
  const child = spawn(process.execPath, [launcher, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (output.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output.stderr += data.toString()));
  const done = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }));
  return { child, output, done };
}

const run = (steps: readonly Step[], ...options: string[]) =>
  drover('run', '--profile', 'scripted', '--workspace', server.workspace(), ...options, script(...steps));

describe('drover run', () => {
  test('streams text and tool calls for people, and exits 0 when the run has succeeded', async () => {
    const steps = [
      say('Hello there', { chunks: 3 }),
      tool('Look around', { output: 'a room' }),
      end({ answer: 'Hello there' }),
    ];
    const { code, stdout } = await run(steps).done;
    expect(code).toBe(0);
    expect(stdout).toContain('Hello there');
    expect(stdout).toContain('Look around');
    expect(stdout).toContain('succeeded');
    expect(stdout).not.toContain('\u001b');
  });

  test('prints events as JSON lines, and exits 1 when the run has failed', async () => {
    const { code, stdout } = await run([fail('overloaded', 'Too busy')], '--json').done;
    expect(code).toBe(1);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
    expect(events.at(-1)).toMatchObject({ type: 'run.ended', data: { reason: 'overloaded', message: 'Too busy' } });
  });

  test('interrupts at the first Ctrl-C', async () => {
    const { child, output, done } = run([say('ready'), waitForFile(join(server.place, 'never'))]);
    await until(() => output.stdout.includes('ready'), 'the agent to speak');
    child.kill('SIGINT');
    expect((await done).code).toBe(130);
  });

  test('stops at the second Ctrl-C, when the agent does not listen', async () => {
    const { child, output, done } = run([ignoreSignals('SIGTERM', 'SIGINT'), say('ready'), hang()]);
    await until(() => output.stdout.includes('ready'), 'the agent to speak');
    child.kill('SIGINT');
    await until(async () => (await told()).includes('interrupt'), 'the interrupt to be asked for');
    child.kill('SIGINT');
    expect((await done).code).toBe(143);
  });

  test('goes on watching when the server is killed and comes back', async () => {
    const gate = join(server.place, 'gate');
    const { output, done } = run([say('before'), waitForFile(gate), say('after'), end()], '--json');
    await until(() => output.stdout.includes('"before"'), 'the agent to speak');
    await server.crash();
    writeFileSync(gate, '');
    const { code, stdout } = await done;
    expect(code).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
    // Chunks may have gone with the message that they were pieces of; nothing else may be missing.
    for (const [index, { prev }] of events.slice(1).entries())
      expect(prev).toBeLessThanOrEqual(events[index]?.seq ?? 0);
    expect(new Set(events.map(({ seq }) => seq)).size).toBe(events.length);
    expect(events.at(-1)?.type).toBe('run.ended');
  });

  test('makes control characters of an agent inert', async () => {
    const { stdout } = await run([say('\u001b]52;c;ZXZpbA==\u0007\u001b[2Jnice\u202e'), end()]).done;
    expect(stdout).toContain('nice');
    // eslint-disable-next-line no-control-regex -- exactly these must not come through
    expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
  });
});

describe('the other commands', () => {
  test('ps, logs -f, logs --raw and stop, from another terminal', async () => {
    const detached = await run([say('ready'), print('raw words'), hang()], '--detach').done;
    const [id = ''] = /run_[0-9a-f-]+/.exec(detached.stdout) ?? [];
    const watching = drover('logs', '-f', id);
    await until(() => watching.output.stdout.includes('ready'), 'the log to be read');
    expect((await drover('ps').done).stdout).toContain(id);
    await until(
      async () => (await drover('logs', id, '--raw', 'stdout').done).stdout.includes('raw words'),
      'the raw log',
    );
    expect((await drover('stop', id).done).code).toBe(0);
    expect((await watching.done).stdout).toContain('stopped');
    expect((await drover('ps').done).stdout).not.toContain(id);
    // Who asks again is told the same.
    const again = await drover('stop', id).done;
    expect([again.code, again.stdout]).toEqual([0, `${id} stopped\n`]);
    const late = await drover('pause', id).done;
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('Cannot pause')]);
  });

  test('without a server say what to do', async () => {
    await server.signal('SIGKILL');
    const { code, stderr } = await drover('ps').done;
    expect(code).toBe(69);
    expect(stderr).toContain('drover serve');
  });

  test('translate replays a recording, and exits 3 where a line is not understood', async () => {
    const recording = fileURLToPath(new URL('../fixtures/recordings/claude/e404.stdout.jsonl', import.meta.url));
    const known = await drover('translate', 'claude', '--stdout', recording, '--exit', 'code=1 signal=null').done;
    expect(known.code).toBe(0);
    expect(JSON.parse(known.stdout.trim().split('\n').at(-1) ?? '')).toEqual({
      outcome: 'failed',
      reason: 'model_not_found',
    });

    const strange = join(server.place, 'strange.jsonl');
    writeFileSync(strange, '{"type":"from_the_future"}\n');
    const unknown = await drover('translate', 'claude', '--stdout', strange).done;
    expect(unknown.code).toBe(3);
    expect(unknown.stdout).toContain('agent.output');
  });

  test('try shows all of it with the bundled agent, and exits 0', async () => {
    const { code, stdout } = await drover('try').done;
    expect(code).toBe(0);
    expect(stdout).toContain('scripted agent');
    expect(stdout).toContain('+++ b/GREETING.md');
  });
});

async function told(): Promise<string> {
  const [session] = await server.client.sessions();
  return session === undefined ? '' : JSON.stringify((await server.client.eventPage(session.id)).events);
}

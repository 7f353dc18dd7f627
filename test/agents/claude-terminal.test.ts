import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { terminalLines } from '../../src/agents/terminal-lines.ts';
import { claudeArguments } from '../../src/agents/claude/arguments.ts';
import { initialize, prompt } from '../../src/agents/claude/stdin.ts';
import { wake } from '../../src/holder/control.ts';
import { ProcessFixture, until } from '../../src/holder/process-fixture.ts';
import { writeFrame } from '../../src/holder/spool.ts';
import type { SpawnHolderOptions } from '../../src/holder/spawn-holder.ts';
import type { Emulator } from '../emulator/emulator.ts';
import { startEmulator } from '../emulator/emulator.ts';
import { installedAgent } from './install.ts';

let emulator: Emulator;
let fixture: ProcessFixture;
beforeEach(async () => {
  [emulator, fixture] = await Promise.all([startEmulator(), ProcessFixture.create('release')]);
});
afterEach(async () => {
  await fixture.close();
  await emulator.stop();
});

/** The agent with a long first prompt in its spool. */
async function start(terminal: NonNullable<SpawnHolderOptions['terminal']>, ...more: string[]) {
  const place = (name: string) => mkdtempSync(join(fixture.root, name));
  const agent = fixture.process();
  await agent.start({
    ...{ mode: 'pty', terminal, stdin: 'stream', cwd: place('workspace-') },
    argv: [installedAgent('claude'), ...claudeArguments({ options: {}, nativeSessionId: null }), ...more],
    env: {
      PATH: '/usr/bin:/bin',
      HOME: place('home-'),
      TERM: 'xterm-256color',
      ANTHROPIC_BASE_URL: emulator.baseUrl('test'),
      ANTHROPIC_API_KEY: 'sk-ant-dummy',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
  });
  let offset = 0;
  const send = (text: string) => {
    offset = writeFrame(agent.directory, offset, Buffer.from(text));
    wake(agent.directory);
  };
  send(initialize.text);
  send(prompt({ key: 'first', prompt: 'x'.repeat(1_000_000) }).text);
  return { agent, send };
}

describe('the real Claude Code on a terminal', () => {
  test('that is only its stdout speaks JSON lines, of which none is wrapped, and ends with its input', async () => {
    const long = 'word '.repeat(2_000);
    emulator.script('test', [
      { content: [{ type: 'text', text: 'First.', chunks: 2 }] },
      { content: [{ type: 'text', text: long }] },
    ]);
    const { agent, send } = await start('stdout');
    const results = () => agent.out().split('"type":"result"').length - 1;
    await until('the first result', () => results() === 1);
    send(prompt({ key: 'second', prompt: 'again' }).text);
    await until('the second result', () => results() === 2);
    send('');
    expect(await agent.ended()).toMatchObject({ code: 0, signal: null });
    expect(JSON.stringify(emulator.requests('test').at(-1)?.body)).toContain('x'.repeat(1_000_000));
    expect(readFileSync(agent.files.err, 'utf8')).toBe('');

    const lines = agent.out().split('\n');
    // It resets the terminal when it leaves: control sequences, without a line end.
    expect(lines.at(-1)).toMatch(/^\x1b\[/); // eslint-disable-line no-control-regex
    const said = lines.flatMap(terminalLines).map((line) => JSON.parse(line) as { type: string; result?: string });
    expect(said.flatMap((line) => line.result ?? [])).toEqual(['First.', long]);
  });

  test('that is only its stdout says on stderr, as ever, what was wrong', async () => {
    const { agent } = await start('stdout', '--no-such-flag');
    expect(await agent.ended()).toMatchObject({ code: 1 });
    expect(agent.out().split('\n').flatMap(terminalLines)).toEqual([]);
    expect(readFileSync(agent.files.err, 'utf8')).toContain('unknown option');
  });

  test('that is its stdin, too, does not read a word of it: why there is a terminal that is only stdout', async () => {
    const { agent } = await start('cooked');
    await agent.printed('Input must be provided either through stdin or as a prompt argument');
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wake } from '../../holder/control.ts';
import { ProcessFixture } from '../../holder/process-fixture.ts';
import { writeFrame } from '../../holder/spool.ts';
import { terminalLines } from '../terminal-lines.ts';
import { launch } from './arguments.ts';
import { end, numbered, print, promptDigest, say, script } from './script.ts';
import { commandLine, WireLine } from './wire.ts';

let fixture: ProcessFixture;
beforeEach(async () => {
  fixture = await ProcessFixture.create('release');
});
afterEach(() => fixture.close());

const command = launch({
  options: {},
  host: { env: { PATH: '/usr/bin:/bin' } },
  program: process.execPath,
  nativeSessionId: null,
  transport: 'pty',
});

describe.each([
  ['pipes', { mode: 'pipe' }],
  ['a terminal as stdout', { mode: 'pty', terminal: 'stdout' }],
] as const)('the scripted agent on %s', (_, streams) => {
  it('takes a prompt of a megabyte and another, says the same line for line, and ends with its input', async () => {
    const agent = fixture.process();
    await agent.start({ ...command, ...streams });
    const noise = print('\x1b[?25l\x1b]0;working\x07');
    const prompts = [
      script(say('x'.repeat(1_000_000)), promptDigest(), end({ answer: 'first' })),
      script(noise, numbered(1_000), end({ answer: 'second' })),
    ];
    const frames = prompts.map((text, index) => commandLine({ type: 'prompt', id: `turn-${index}`, text }));
    let offset = 0;
    for (const text of [...frames, '']) offset = writeFrame(agent.directory, offset, Buffer.from(text));
    wake(agent.directory);
    expect(await agent.ended()).toMatchObject({ code: 0, signal: null });

    const lines = agent.out().split('\n').slice(0, -1).flatMap(terminalLines);
    const said = lines.map((line) => WireLine.parse(JSON.parse(line)));
    expect(said.filter(({ type }) => type === 'message_done')).toHaveLength(1_002);
    expect(said.flatMap((line) => (line.type === 'turn_ended' ? line.answer : []))).toEqual(['first', 'second']);
    expect(JSON.stringify(said)).toContain('x'.repeat(1_000_000));
  });
});

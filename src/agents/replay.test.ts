import { describe, expect, it } from 'vitest';
import { claudeDriver } from './claude/driver.ts';
import type { ExitEvidence } from './driver.ts';
import { replayAll } from './replay.ts';

describe('a replay', () => {
  const init = '{"type":"system","subtype":"init","session_id":"s"}\n';
  const result = '{"type":"result","subtype":"success","is_error":false,"result":"Done"}\n';

  it('ends as the last turn did', async () => {
    const replayed = await replayText(init + result);
    expect(replayed).toMatchObject({ outcome: 'succeeded', answer: 'Done', turns: 1, unrecognised: 0 });
  });

  it('takes exit code 0 where the end of the process was not recorded', async () => {
    expect(await replayText(init)).toMatchObject({ outcome: 'failed', reason: 'no_terminal_event' });
  });

  it('is concluded where a turn is open', async () => {
    const replayed = await replayText(init + result + init, { code: null, signal: 'SIGKILL' });
    expect(replayed).toMatchObject({ outcome: 'failed', reason: 'agent_crashed', turns: 1 });
  });

  it('reads the last line without its end, and lines that end in \\r\\n', async () => {
    const bytes = (init + result).replaceAll('\n', '\r\n').trimEnd();
    expect(await replayText(bytes)).toMatchObject({ outcome: 'succeeded', unrecognised: 0 });
  });

  it('keeps the lines that the driver does not understand', async () => {
    const replayed = await replayText(`${init}{"type":"invention"}\n${result}`);
    expect(replayed).toMatchObject({ unrecognised: 1, outcome: 'succeeded' });
    expect(replayed.events).toContainEqual({
      type: 'agent.output',
      data: { stream: 'stdout', text: '{"type":"invention"}' },
    });
  });

  it('of nothing is concluded, too', async () => {
    expect(await replayAll(claudeDriver, {})).toMatchObject({
      outcome: 'failed',
      reason: 'no_terminal_event',
      turns: 0,
    });
  });
});

function replayText(stdout: string, exit?: ExitEvidence) {
  return replayAll(claudeDriver, { stdout: bytesOf(stdout), exit });
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

import { describe, expect, it } from 'vitest';
import { claudeDriver } from './driver.ts';

describe('the driver of Claude Code', () => {
  it('says what to do where the program is not there', () => {
    expect(claudeDriver.locate({}, { env: { PATH: '/nowhere' } })).toEqual({
      path: null,
      problem:
        '"claude" is not in the server\'s PATH. Install Claude Code (npm install -g @anthropic-ai/claude-code), or set `command` in the profile',
    });
  });

  it('keeps prompts, secrets and sessions of others out of the argv', () => {
    const { argv, stdin } = claudeDriver.command({
      options: { env: { ANTHROPIC_API_KEY: 'sk-secret' } },
      host: { env: { ANTHROPIC_AUTH_TOKEN: 'token' } },
      program: '/opt/claude',
      nativeSessionId: null,
    });
    expect(argv.join(' ')).not.toMatch(/sk-secret|token|--resume/);
    expect(stdin).toBe('stream');
  });

  it('writes prompts as one line of JSON, whatever is in them', () => {
    const { text } = claudeDriver.prompt({ key: 'k', prompt: 'a\n"b"\u2028\ud83d\udc11' });
    expect(text.indexOf('\n')).toBe(text.length - 1);
    expect(JSON.parse(text)).toMatchObject({ message: { content: [{ text: 'a\n"b"\u2028\ud83d\udc11' }] } });
  });

  it('knows whether a turn is open', () => {
    let state = claudeDriver.initialState();
    const feed = (line: object) =>
      (state = claudeDriver.translate(state, { stream: 'stdout', text: JSON.stringify(line) }).state);
    expect(claudeDriver.isTurnOpen?.(state)).toBe(false);
    feed({ type: 'control_response', response: { subtype: 'success', request_id: 'initialize' } });
    expect(claudeDriver.isTurnOpen?.(state)).toBe(false);
    feed({ type: 'system', subtype: 'init', session_id: 's' });
    expect(claudeDriver.isTurnOpen?.(state)).toBe(true);
    feed({ type: 'result', subtype: 'success', is_error: false, result: 'x' });
    expect(claudeDriver.isTurnOpen?.(state)).toBe(false);
  });
});

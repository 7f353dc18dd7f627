import { describe, expect, it } from 'vitest';
import { conclude } from './conclude.ts';
import { initialState } from './state.ts';

describe('a process that is gone in mid turn', () => {
  it.each([
    [{ code: null, signal: 'SIGKILL' }, 'agent_crashed', /^Claude Code was ended by SIGKILL/],
    [{ code: 143, signal: null }, 'agent_crashed', /exit code 143 \(SIGTERM\)/],
    [{ code: 7, signal: null }, 'agent_crashed', /exit code 7 before its turn was over\. /],
    [{ code: null, signal: null }, 'agent_crashed', /nothing says how it ended/],
    [{ code: 0, signal: null }, 'no_terminal_event', /without saying how its turn ended/],
  ])('by %j has failed', (exit, reason, message) => {
    expect(conclude(initialState(), exit)).toMatchObject({
      outcome: 'failed',
      reason,
      message: expect.stringMatching(message) as string,
      answer: '',
      answerSource: 'none',
    });
  });

  it.each([
    [
      '--dangerously-skip-permissions cannot be used with root/sudo privileges for security reasons',
      'permission_denied',
    ],
    ["error: unknown option '--x'", 'invalid_request'],
    ["error: option '--permission-mode <mode>' argument 'wild' is invalid.", 'invalid_request'],
    ['No conversation found with session ID: 1', 'session_not_found'],
    ['Error: Session ID 1 is already in use.', 'invalid_request'],
    ['Not logged in · Please run /login', 'auth_required'],
  ])('says why on stderr: "%s"', (line, reason) => {
    const state = { ...initialState(), diagnostics: `Warning: something else\n${line}\n` };
    expect(conclude(state, { code: 1, signal: null })).toMatchObject({ reason });
  });

  it('is not judged by words in the middle of a line of stderr', () => {
    const state = { ...initialState(), diagnostics: 'tool said: Not logged in\n' };
    expect(conclude(state, { code: 1, signal: null })).toMatchObject({
      reason: 'agent_crashed',
      message: expect.stringMatching(/: tool said: Not logged in\. /) as string,
    });
  });

  it('leaves what it has said', () => {
    const state = { ...initialState(), said: 'So far' };
    expect(conclude(state, { code: null, signal: 'SIGKILL' })).toMatchObject({
      answer: 'So far',
      answerSource: 'message',
    });
  });
});

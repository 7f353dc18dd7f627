import { describe, expect, it } from 'vitest';
import { claudeDriver } from './driver.ts';
import type { ClaudeOptions } from './options.ts';

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
      transport: 'pipe',
    });
    expect(argv.join(' ')).not.toMatch(/sk-secret|token|--resume/);
    expect(stdin).toBe('stream');
  });

  it('writes prompts as one line of JSON, whatever is in them', () => {
    const agent = { options: {}, transport: 'pipe' } as const;
    const { text = '' } = claudeDriver.prompt({ key: 'k', prompt: 'a\n"b"\u2028\ud83d\udc11' }, agent) ?? {};
    expect(text.indexOf('\n')).toBe(text.length - 1);
    expect(JSON.parse(text)).toMatchObject({ message: { content: [{ text: 'a\n"b"\u2028\ud83d\udc11' }] } });
  });

  it('allows with the input that was asked for, or with another', () => {
    const question = { permissionId: 'q', rawInput: { command: 'touch x' } };
    const allowed = claudeDriver.answer?.(question, { decision: 'allow' });
    expect(allowed?.key).toBe('permission-q');
    expect(parsed(allowed?.text)).toEqual({
      type: 'control_response',
      response: {
        subtype: 'success',
        request_id: 'q',
        response: { behavior: 'allow', updatedInput: { command: 'touch x' } },
      },
    });
    const changed = claudeDriver.answer?.(question, { decision: 'allow', updatedInput: { command: 'ls' } });
    expect(parsed(changed?.text)).toMatchObject({ response: { response: { updatedInput: { command: 'ls' } } } });
  });

  it.each([
    [undefined, 'The user does not allow this.'],
    ['', 'The user does not allow this.'],
    ['Ask Ann first', 'Ask Ann first'],
  ])('denies with the words %j', (message, words) => {
    const denied = claudeDriver.answer?.({ permissionId: 'q', rawInput: {} }, { decision: 'deny', message });
    expect(denied?.key).toBe('permission-q');
    expect(parsed(denied?.text)).toMatchObject({ response: { response: { behavior: 'deny', message: words } } });
  });

  it.each<[ClaudeOptions, boolean]>([
    [{}, false],
    [{ permissionMode: 'acceptEdits' }, false],
    [{ permissionMode: 'bypassPermissions' }, true],
    [{ args: ['--dangerously-skip-permissions'] }, true],
    [{ args: ['--permission-mode=bypassPermissions'] }, true],
    [{ args: ['--permission-mode', 'bypassPermissions'] }, true],
    [{ args: ['--settings', '{"permissions": {"defaultMode": "bypassPermissions"}}'] }, true],
    [{ args: ['--settings={"permissions":{"defaultMode":"bypass\\u0050ermissions"}}'] }, true],
    [
      { args: ['--settings={"permissions":{"defaultMode":"plan"},"x":"\\"defaultMode\\":\\"bypassPermissions\\""}'] },
      false,
    ],
    [{ args: ['--settings', '/etc/settings.json'] }, false],
    [{ args: ['--permission-mode', 'plan'] }, false],
    [{ args: ['--append-system-prompt=Never use --dangerously-skip-permissions'] }, false],
  ])('knows of %j whether it lets the agent do everything', (options, isAllowedAll) => {
    expect(claudeDriver.isAllowedAll?.(options)).toBe(isAllowedAll);
  });

  it.each<[ClaudeOptions, string | null]>([
    [{}, null],
    [{ permissionMode: 'plan', args: ['--settings={"permissions":{"deny":["Bash"]}}'] }, null],
    [{ args: ['--allowedTools', 'Bash'] }, 'some tools are never asked about (--allowedTools)'],
    [{ permissionMode: 'acceptEdits' }, 'some tools are never asked about (acceptEdits)'],
    [
      { args: ['--settings={"permissions":{"allow":["Bash(*)"]}}', '--agents={}'] },
      'some tools are never asked about (--agents, --settings)',
    ],
  ])('knows of %j what is never asked about', (options, sentence) => {
    expect(claudeDriver.unasked?.(options)).toBe(sentence);
  });

  it.each([['--permission-prompt-tool=mcp__x__yes'], ['--permission-prompt-tool', 'mcp__x__yes']])(
    'refuses to give its questions away: %s',
    (...args) => {
      expect(claudeDriver.options.safeParse({ args }).error?.issues).toMatchObject([
        {
          path: ['args'],
          message: 'Expected no "--permission-prompt-tool": it would take the agent\'s questions away from Drover',
        },
      ]);
    },
  );

  it('knows of a mode that its options do not name', () => {
    const feed = (state: ReturnType<typeof claudeDriver.initialState>, line: object) =>
      claudeDriver.translate(state, { stream: 'stdout', text: JSON.stringify(line) }).state;
    const init = { type: 'system', subtype: 'init', session_id: 's', permissionMode: 'bypassPermissions' };
    const bypassing = feed(claudeDriver.initialState(), init);
    expect(claudeDriver.isAllowedAllNow?.(claudeDriver.initialState())).toBe(false);
    expect(claudeDriver.isAllowedAllNow?.(bypassing)).toBe(true);
    const asking = feed(bypassing, { type: 'system', subtype: 'status', permissionMode: 'default' });
    expect(claudeDriver.isAllowedAllNow?.(asking)).toBe(false);
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

function parsed(text = ''): unknown {
  return JSON.parse(text);
}

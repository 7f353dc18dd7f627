import { describe, expect, it } from 'vitest';
import { claudeArguments } from './arguments.ts';
import type { ClaudeOptions } from './options.ts';

describe('the arguments of Claude Code', () => {
  it('are few where a profile says nothing', () => {
    expect(claudeArguments({ options: {}, nativeSessionId: null })).toEqual([
      '-p',
      '--input-format=stream-json',
      '--output-format=stream-json',
      '--verbose',
      '--include-partial-messages',
      '--permission-prompt-tool=stdio',
      '--replay-user-messages',
    ]);
  });

  it('carry what a profile says, and the session to reopen', () => {
    const options: ClaudeOptions = {
      model: 'opus',
      permissionMode: 'plan',
      appendSystemPrompt: 'Be kind.',
      maxTurns: 3,
      args: ['--ide'],
    };
    expect(claudeArguments({ options, nativeSessionId: 'abc' }).slice(7)).toEqual([
      '--permission-mode=plan',
      '--model=opus',
      '--append-system-prompt=Be kind.',
      '--max-turns=3',
      '--resume=abc',
      '--ide',
    ]);
  });

  it('let no value pass for a flag', () => {
    const options = { model: '--dangerously-skip-permissions', appendSystemPrompt: '--version' };
    const values = claudeArguments({ options, nativeSessionId: '--continue' });
    for (const value of Object.values(options)) expect(values).not.toContain(value);
    expect(values).not.toContain('--continue');
  });
});

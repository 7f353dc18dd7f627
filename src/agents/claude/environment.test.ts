import { describe, expect, it } from 'vitest';
import { claudeEnvironment } from './environment.ts';

describe('the environment of Claude Code', () => {
  it('has the base, the credentials and the settings of the agent', () => {
    const env = {
      PATH: '/usr/bin',
      HOME: '/home/me',
      https_proxy: 'http://proxy',
      ANTHROPIC_API_KEY: 'sk',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1',
      CLAUDE_CODE_OAUTH_TOKEN: 'oauth',
      CLAUDE_CONFIG_DIR: '/etc/claude',
      CLAUDE_CODE_MAX_RETRIES: '0',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      IS_SANDBOX: '1',
    };
    expect(claudeEnvironment(env)).toEqual(env);
  });

  it('has nothing of a Claude Code that the server runs inside', () => {
    const inside = {
      CLAUDECODE: '1',
      CLAUDE_CODE_ENTRYPOINT: 'cli',
      CLAUDE_CODE_SSE_PORT: '1234',
      CLAUDE_CODE_SESSION_ID: 'x',
      CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR: '3',
      CLAUDE_CODE_SDK_READS_SESSION_STATE: '1',
      CLAUDE_AGENT_SDK_VERSION: '0.3',
    };
    expect(claudeEnvironment(inside)).toEqual({});
  });

  it('has no secret of anybody else', () => {
    const others = { DROVER_TOKEN: 't', DATABASE_URL: 'postgres://', AWS_SECRET_ACCESS_KEY: 's', GITHUB_TOKEN: 'g' };
    expect(claudeEnvironment(others)).toEqual({});
  });

  it('has the credentials of a cloud only where Claude Code is told to use it', () => {
    const env = { AWS_REGION: 'eu-central-1', AWS_PROFILE: 'claude' };
    expect(claudeEnvironment({ ...env, CLAUDE_CODE_USE_BEDROCK: '1' })).toMatchObject(env);
  });

  it('takes the additions of a profile last', () => {
    expect(claudeEnvironment({ ANTHROPIC_API_KEY: 'server' }, { ANTHROPIC_API_KEY: 'profile', FOO: '1' })).toEqual({
      ANTHROPIC_API_KEY: 'profile',
      FOO: '1',
    });
  });
});

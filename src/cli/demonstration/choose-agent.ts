import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Driver } from '../../agents/driver.ts';
import type { Io } from '../io.ts';

export interface ChosenAgent {
  readonly driver: 'claude' | 'scripted';
  /** For the user: which, and why. */
  readonly reason: string;
}

/** Claude Code where it can do something, else the scripted agent, which always can. */
export function chooseAgent(drivers: ReadonlyMap<string, Driver>, env: Io['env']): ChosenAgent {
  const located = drivers.get('claude')?.locate({}, { env });
  if (located?.path == null) {
    return {
      driver: 'scripted',
      reason: 'Claude Code is not installed, so the bundled scripted agent shows how it works',
    };
  }
  const login = findLogin(env);
  if (login === null) {
    return {
      driver: 'scripted',
      reason:
        'Claude Code is installed but not logged in (run "claude"), so the bundled scripted agent shows how it works',
    };
  }
  return { driver: 'claude', reason: `Claude Code is at ${located.path} and logged in (${login})` };
}

const keys = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'];

/** The name of what Claude Code would log in with, never its value. */
function findLogin(env: Io['env']): string | null {
  const key = keys.find((name) => (env[name] ?? '') !== '');
  const directory = env['CLAUDE_CONFIG_DIR'] ?? join(env['HOME'] ?? homedir(), '.claude');
  const file = join(directory, '.credentials.json');
  return key ?? (existsSync(file) ? file : null);
}

import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDrivers } from '../../daemon.ts';
import { chooseAgent } from './choose-agent.ts';
import { createScratchRepository } from './scratch-repository.ts';

let place: string;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'drover-demonstration-'));
});

afterEach(() => rm(place, { recursive: true }));

describe('chooseAgent', () => {
  const choose = (env: Record<string, string>) => chooseAgent(createDrivers(), { HOME: place, ...env });
  const installClaude = async () => {
    await writeFile(join(place, 'claude'), '#!/bin/sh\n');
    await chmod(join(place, 'claude'), 0o755);
    return { PATH: place };
  };

  it('takes the scripted agent, and says why, where Claude Code is not installed or not logged in', async () => {
    expect(choose({ PATH: '/nowhere' })).toMatchObject({
      driver: 'scripted',
      reason: expect.stringContaining('not installed') as string,
    });
    expect(choose(await installClaude())).toMatchObject({
      driver: 'scripted',
      reason: expect.stringContaining('not logged in') as string,
    });
  });

  it('takes Claude Code where there is a key or a login, and never tells the key', async () => {
    const env = await installClaude();
    const chosen = choose({ ...env, ANTHROPIC_API_KEY: 'sk-secret' });
    expect(chosen.driver).toBe('claude');
    expect(chosen.reason).toContain('ANTHROPIC_API_KEY');
    expect(chosen.reason).not.toContain('sk-secret');
    await mkdir(join(place, '.claude'));
    await writeFile(join(place, '.claude', '.credentials.json'), '{}');
    expect(choose(env).driver).toBe('claude');
  });
});

describe('a scratch repository', () => {
  it('shows what has changed in it, new and committed files included', async () => {
    const { path, diff } = await createScratchRepository(place, process.env);
    expect(await diff()).toBe('');
    await writeFile(join(path, 'GREETING.md'), 'Hello\n');
    expect(await diff()).toContain('+++ b/GREETING.md\n@@ -0,0 +1 @@\n+Hello\n');
  });

  it('carries out nothing that an agent leaves in its .git (ATTACKS 19)', async () => {
    const { path, diff } = await createScratchRepository(place, process.env);
    const canary = join(place, 'canary');
    const trap = join(path, 'trap.sh');
    await writeFile(trap, `#!/bin/sh\ntouch ${canary}\ncat\n`);
    await chmod(trap, 0o755);
    const config = [
      '[core]',
      `fsmonitor = ${trap}`,
      `hooksPath = ${path}`,
      '[filter "x"]',
      `clean = ${trap}`,
      '[diff "x"]',
      `textconv = ${trap}`,
      `command = ${trap}`,
      '[diff]',
      `external = ${trap}`,
    ];
    await writeFile(join(path, '.git', 'config'), config.join('\n'));
    await writeFile(join(path, '.gitattributes'), '* filter=x diff=x\n');
    await writeFile(join(path, 'README.md'), 'changed\n');
    expect(await diff()).toContain('+changed');
    expect(existsSync(canary)).toBe(false);
  });

  it('needs git', async () => {
    await expect(createScratchRepository(place, { PATH: '/nowhere' })).rejects.toThrow('The demonstration needs git');
  });
});

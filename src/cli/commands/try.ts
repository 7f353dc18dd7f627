import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { CommandContext } from '../program.ts';

export function tryCommand(program: Command, { io, finish }: CommandContext): void {
  program
    .command('try')
    .description('see it work: a server, an agent and a repository of their own, all gone in the end')
    .action(async () => {
      const { demonstrate } = await import('../demonstration/demonstrate.ts');
      const place = await mkdtemp(join(tmpdir(), 'drover-try-'));
      try {
        finish(await demonstrate(place, io));
      } finally {
        await rm(place, { recursive: true, force: true });
      }
    });
}

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Escape } from '../../script.ts';
import { escape, say, script } from '../../script.ts';
import { Rehearsal } from '../rehearsal.ts';

let folder: string;
let pidsTo: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-scripted-'));
  pidsTo = join(folder, 'pids');
});
afterEach(() => {
  for (const pid of pids()) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true });
});

test('descendants are there when the step is done, and outlive the agent', async () => {
  await using agent = await escaped(['setsid'], 3);
  await agent.end();
  expect(pids()).toHaveLength(3);
  for (const pid of pids()) expect(stat(pid).session).toBe(pid);
});

test('a double fork leaves no parent behind', async () => {
  await using agent = await escaped(['double-fork']);
  expect(stat(pids()[0]).parent).not.toBe(agent.child.pid);
});

test('the environment is scrubbed', async () => {
  await using _kept = await escaped([]);
  await using _scrubbed = await escaped(['scrub-env']);
  const [kept, scrubbed] = pids().map((pid) => readFileSync(`/proc/${pid}/environ`, 'utf8'));
  expect(kept).toContain('COOKIE=here');
  expect(scrubbed).not.toContain('COOKIE');
});

test('TERM is ignored', async () => {
  await using _agent = await escaped(['ignore-term', 'setsid', 'double-fork']);
  const ignored = /^SigIgn:\s*(\w+)$/m.exec(readFileSync(`/proc/${pids()[0]}/status`, 'utf8'))?.[1] ?? '';
  const term = 1n << 14n;
  expect(BigInt(`0x${ignored}`) & term).toBe(term);
});

test('stdout is held open beyond the end of the agent', async () => {
  await using agent = await escaped(['hold-stdout']);
  let hasClosed = false;
  agent.child.stdout.once('close', () => (hasClosed = true));
  const exited = new Promise((resolve) => agent.child.once('exit', resolve));
  agent.child.stdin.end();
  await exited;
  expect(hasClosed).toBe(false);
  for (const pid of pids()) process.kill(pid, 'SIGKILL');
  rmSync(pidsTo);
  await agent.ended();
});

async function escaped(how: readonly Escape[], count = 1): Promise<Rehearsal> {
  const agent = new Rehearsal({ env: { COOKIE: 'here' } });
  agent.prompt('t', script(escape(how, { count, pidsTo }), say('gone')));
  await agent.next('turn_ended');
  return agent;
}

function pids(): number[] {
  try {
    return readFileSync(pidsTo, 'utf8').trim().split('\n').map(Number);
  } catch {
    return [];
  }
}

/** proc(5): the fields behind the command's name in parentheses. */
function stat(pid: number | undefined) {
  const [, parent, , session] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return { parent: Number(parent), session: Number(session) };
}

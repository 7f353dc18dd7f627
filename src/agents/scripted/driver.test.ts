import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { scriptedDriver as driver } from './driver.ts';
import { Rehearsal } from './program/rehearsal.ts';
import { awaitSteer, permission, say, script, sleep } from './script.ts';

const host = {
  env: { PATH: '/bin', HOME: '/home/me', LANG: 'C.UTF-8', TMPDIR: '/tmp', NODE_OPTIONS: '-r evil', KEY: 'secret' },
};
const spec = { options: {}, host, program: process.execPath, nativeSessionId: null, transport: 'pipe' } as const;

test('the program is there wherever the server is', () => {
  expect(driver.locate({}, host)).toEqual({ path: process.execPath });
});

test('of the environment only what the program needs is passed on', () => {
  expect(driver.command(spec).env).toEqual({ PATH: '/bin', HOME: '/home/me', LANG: 'C.UTF-8', TMPDIR: '/tmp' });
  expect(driver.command({ ...spec, host: { env: {} } }).env).toEqual({});
});

test('script and native session are arguments', () => {
  const { argv } = driver.command({ ...spec, options: { script: '/a/script.json' }, nativeSessionId: 'scripted-1' });
  expect(argv.slice(3)).toEqual(['--script', '/a/script.json', '--resume', 'scripted-1']);
});

test('what the driver starts and writes is what the program understands', () => {
  const { argv, env } = driver.command(spec);
  const first = { key: 't1', prompt: script(say('half'), sleep(1_000_000)) };
  const second = { key: 't2', prompt: script(awaitSteer()) };
  const messages = [
    ...driver.opening(),
    driver.prompt(first, spec),
    driver.prompt(second, spec),
    driver.interrupt?.(first),
    driver.steer?.(second, { key: 's1', prompt: 'to the left' }),
  ].filter((message) => message != null);
  expect(new Set(messages.map(({ key }) => key)).size).toBe(messages.length);

  const { stdout, status } = spawnSync(argv[0], argv.slice(1), {
    env,
    input: messages.map(({ text }) => text).join(''),
    encoding: 'utf8',
  });
  let state = driver.initialState();
  const ends = stdout
    .trimEnd()
    .split('\n')
    .flatMap((text) => {
      const translation = driver.translate(state, { stream: 'stdout', text });
      state = translation.state;
      return translation.intents.filter(({ type }) => type === 'turn_ended');
    });
  expect(ends).toMatchObject([{ outcome: 'interrupted' }, { outcome: 'succeeded', answer: 'Steered: to the left' }]);
  expect(status).toBe(0);
});

test.each([
  { answer: { decision: 'allow' }, said: 'Allowed: Run' },
  { answer: { decision: 'allow', updatedInput: { a: 2 }, message: 'no matter' }, said: 'Allowed: Run with {"a":2}' },
  { answer: { decision: 'deny' }, said: 'Denied: Run' },
  { answer: { decision: 'deny', updatedInput: { a: 2 }, message: 'no' }, said: 'Denied: Run, because: no' },
] as const)('an answer is understood by the program: $said', async ({ answer, said }) => {
  await using agent = new Rehearsal();
  agent.prompt('t', script(permission('Run', { input: { a: 1 } })));
  const { id, input } = await agent.next('permission');
  const message = driver.answer?.({ permissionId: id, rawInput: input }, answer);
  expect(message?.key).toBe(`permission-${id}`);
  agent.child.stdin.write(message?.text ?? '');
  expect(await agent.next('turn_ended')).toMatchObject({ answer: said });
});

test('another program that speaks the protocol takes its place', () => {
  expect(driver.locate({ program: '/bin/cat' }, host)).toEqual({ path: '/bin/cat' });
  expect(driver.locate({ program: '/bin/no-such' }, host)).toMatchObject({ path: null });
  const { argv } = driver.command({ ...spec, options: { program: '/bin/cat' }, program: '/bin/cat' });
  expect(argv).toEqual(['/bin/cat']);
});

test('options are an absolute path of a script, or nothing', () => {
  expect(driver.options.parse({})).toEqual({});
  expect(driver.options.parse({ script: '/a.json' })).toEqual({ script: '/a.json' });
  expect(driver.options.safeParse({ script: 'a.json' }).error?.message).toContain('absolute path');
  expect(driver.options.safeParse({ skript: '/a.json' }).success).toBe(false);
});

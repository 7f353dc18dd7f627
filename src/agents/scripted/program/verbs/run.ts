import type { Perform } from './performers.ts';
import { spawn } from 'node:child_process';

/** Really runs a program and waits for it; an interruption ends it. */
export const run: Perform<'run'> = async ({ argv }, stage) => {
  const [program = '', ...rest] = argv;
  const call = stage.openTool(argv.join(' '), 'execute', { argv });
  const output: Buffer[] = [];
  const { promise: end, resolve } = Promise.withResolvers<{ ok: boolean; trouble?: string }>();

  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], signal: stage.signal });
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  child.once('error', (error) => resolve({ ok: false, trouble: error.message }));
  child.once('close', (code, signal) =>
    resolve(
      code === 0 ? { ok: true } : { ok: false, trouble: code === null ? `Killed by ${signal}` : `Exit code ${code}` },
    ),
  );

  const { ok, trouble = '' } = await end;
  call.finish({ ok, output: `${Buffer.concat(output).toString()}${trouble}` });
};

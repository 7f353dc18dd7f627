import { createInterface } from 'node:readline';
import { systemClock } from '../kernel/clock.ts';
import type { Io } from './io.ts';
import { ownTerminal } from './own-terminal.ts';
import { runProgram } from './program.ts';

const io: Io = {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock,
  terminal: ownTerminal(process),
  onSignal(signal, handle) {
    process.on(signal, handle);
    return () => process.off(signal, handle);
  },
  onLine(handle) {
    const lines = createInterface({ input: process.stdin });
    lines.on('line', handle);
    return () => lines.close();
  },
  exit: (code) => process.exit(code),
  loadDaemon: () => import('../daemon.ts'),
};

// A reader that has gone (`drover logs … | head`) is no trouble of ours; the status is that of a program ended by SIGPIPE.
for (const output of [process.stdout, process.stderr]) {
  output.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 141 : 1));
}

process.exitCode = await runProgram(process.argv.slice(2), io);

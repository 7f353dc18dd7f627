import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { hosts, logLevels } from '../../config/choices.ts';
import type { ConfigFlags } from '../../config/load-config.ts';
import type { CommandContext } from '../program.ts';

interface ServeOptions extends Omit<ConfigFlags, 'dataDir'> {
  readonly dataDir?: string;
  readonly config?: string;
}

export function serveCommand(program: Command, { io, finish }: CommandContext): void {
  program
    .command('serve')
    .description('start the server; agents go on when it stops, and the next server takes them up')
    .option('--data-dir <directory>', 'where everything lasts that the server knows (DROVER_DATA_DIR)')
    .addOption(new Option('--host <host>', 'a loopback address').choices(hosts))
    .option('--port <port>', 'the port, 0 for any that is free (default: 4870)', parsePort)
    .option('--config <file>', 'a YAML file (default: config.yaml in the data directory)')
    .addOption(new Option('--log-level <level>', 'how much is logged').choices(logLevels))
    .action(async ({ config: file, dataDir, ...rest }: ServeOptions) => {
      const flags: ConfigFlags = dataDir === undefined ? rest : { ...rest, dataDir: resolve(io.cwd, dataDir) };
      const { loadConfig } = await import('../../config/load-config.ts');
      const config = await loadConfig({
        env: io.env,
        flags,
        ...(file === undefined ? {} : { file: resolve(io.cwd, file) }),
      });
      const told = Promise.withResolvers<undefined>();
      let signals = 0;
      for (const [signal, code] of [
        ['SIGINT', 130],
        ['SIGTERM', 143],
      ] as const) {
        io.onSignal(signal, () => {
          // Somebody who asks twice does not want to wait.
          if (++signals > 1) io.exit(code);
          told.resolve(undefined);
        });
      }
      const { startDaemon } = await io.loadDaemon();
      const daemon = await startDaemon(config);
      io.stdout.write(`Drover listens on ${daemon.url}\nThe token is in ${daemon.tokenFile}\n`);
      await told.promise;
      await daemon.stop();
      finish(0);
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('Expected a number from 0 to 65535.');
}

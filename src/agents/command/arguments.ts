import { baseEnvironment } from '../base-environment.ts';
import type { Launch, LaunchSpec } from '../driver.ts';
import type { CommandOptions } from './options.ts';

/** What its terminal is to the program, whatever that of the server is: all terminals from which one attaches obey it. */
const terminalType = 'xterm-256color';

/** How the program is started. At a terminal its input stays open: somebody may type. */
export function launch({ options, host, program, transport }: LaunchSpec<CommandOptions>): Launch {
  const [, ...args] = options.command;
  const isTerminal = transport === 'pty';
  return {
    argv: [program, ...args],
    env: { ...baseEnvironment(host.env), ...(isTerminal && { TERM: terminalType }), ...options.env },
    stdin: isTerminal ? 'stream' : options.prompt === 'stdin' ? 'oneshot' : 'none',
  };
}

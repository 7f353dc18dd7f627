import type { Driver } from '../driver.ts';
import { locateProgram } from '../locate-program.ts';
import { launch } from './arguments.ts';
import { conclude } from './conclude.ts';
import { CommandOptions } from './options.ts';
import type { State } from './state.ts';
import { initialState, stateVersion } from './state.ts';
import { translate } from './translate.ts';

/** Any program that is no agent of its own driver: a script, a shell, whatever has a screen. One process is one turn. */
export const commandDriver: Driver<State, CommandOptions> = {
  name: 'command',
  capabilities: {
    resume: false,
    interrupt: false,
    permissions: false,
    partials: true,
    cost: false,
    steer: false,
    warm: false,
  },
  options: CommandOptions,
  stateVersion,
  terminal: 'screen',

  locate: ({ command: [program] }, { env }) => locateProgram(program, env),
  command: launch,
  opening: () => [],
  prompt({ key, prompt }, { options, transport }) {
    if (options.prompt === 'none') return null;
    // What Enter sends; the terminal makes a line end of it where the program wants one.
    return { key, text: transport === 'pty' ? `${prompt}\r` : prompt };
  },

  initialState,
  translate,
  conclude,
};

import type { Driver } from '../driver.ts';
import { locateProgram } from '../locate-program.ts';
import { claudeArguments } from './arguments.ts';
import { conclude } from './conclude.ts';
import { claudeEnvironment } from './environment.ts';
import { ClaudeOptions } from './options.ts';
import { isAllowedAll, isAllowedAllNow, unasked } from './permission-mode.ts';
import { type ClaudeState, initialState, stateVersion } from './state.ts';
import { answer, initialize, interrupt, prompt } from './stdin.ts';
import { translate } from './translate.ts';

/** Claude Code, held open for turn after turn over JSON lines (`claude -p --input-format stream-json`). */
export const claudeDriver: Driver<ClaudeState, ClaudeOptions> = {
  name: 'claude',
  capabilities: {
    resume: true,
    interrupt: true,
    permissions: true,
    partials: true,
    cost: true,
    // What is said during a turn is taken up in it only where it asks the model again; else it becomes a turn of its own.
    steer: false,
    warm: true,
  },
  options: ClaudeOptions,
  stateVersion,

  locate: ({ command = 'claude' }, host) => {
    const located = locateProgram(command, host.env);
    if (located.path !== null) return located;
    const wayOut = 'Install Claude Code (npm install -g @anthropic-ai/claude-code), or set `command` in the profile';
    return { path: null, problem: `${located.problem}. ${wayOut}` };
  },
  command: (spec) => ({
    argv: [spec.program, ...claudeArguments(spec)],
    env: claudeEnvironment(spec.host.env, spec.options.env),
    stdin: 'stream',
  }),
  opening: () => [initialize],
  prompt,
  interrupt: ({ key }) => interrupt(key),
  answer,
  isAllowedAll,
  isAllowedAllNow,
  unasked,

  initialState,
  translate,
  conclude,
  isTurnOpen: (state) => state.isTurnOpen || state.awaiting !== null,
};

import type { Driver } from '../driver.ts';
import { locateProgram } from '../locate-program.ts';
import type { State } from './state.ts';
import { launch } from './arguments.ts';
import { conclude } from './conclude.ts';
import { ScriptedOptions } from './options.ts';
import { initialState, stateVersion } from './state.ts';
import { translate } from './translate.ts';
import { commandLine } from './wire.ts';

/** The bundled agent: a real process that plays scripts. It shows what Drover does, and stands in for any agent in its tests. */
export const scriptedDriver: Driver<State, ScriptedOptions> = {
  name: 'scripted',
  capabilities: {
    resume: true,
    interrupt: true,
    permissions: true,
    partials: true,
    cost: false,
    steer: true,
    warm: true,
  },
  options: ScriptedOptions,
  stateVersion,

  locate: ({ program }, { env }) => locateProgram(program ?? process.execPath, env),
  command: launch,
  opening: () => [],
  prompt: ({ key, prompt }) => ({ key, text: commandLine({ type: 'prompt', id: key, text: prompt }) }),
  interrupt: ({ key }) => ({ key: `${key}-interrupt`, text: commandLine({ type: 'interrupt', id: key }) }),
  steer: ({ key: id }, { key, prompt }) => ({ key, text: commandLine({ type: 'steer', id, text: prompt }) }),
  answer: ({ permissionId: id }, { decision, updatedInput, message }) => ({
    key: `permission-${id}`,
    text: commandLine({
      type: 'permission_answer',
      id,
      decision,
      ...(decision === 'allow' ? { updatedInput } : { message }),
    }),
  }),

  initialState: () => initialState,
  translate,
  conclude,
  isTurnOpen: (state) => state.isTurnOpen,
};

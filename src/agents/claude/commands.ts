import type { NewEvent } from '../../contracts/events.ts';
import type { ClaudeState } from './state.ts';

/** The slash commands that a user of this process can send as a prompt. */
export function commandsUpdate(
  state: ClaudeState,
  commands: readonly { name: string; description: string }[],
): [ClaudeState, NewEvent[]] {
  const availableCommands = commands.map(({ name, description }) => ({ name, description }));
  return [{ ...state, hasCommands: true }, [{ type: 'available_commands_update', data: { availableCommands } }]];
}

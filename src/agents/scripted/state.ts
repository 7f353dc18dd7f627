import type { Conclusion } from '../driver.ts';

/** What must be remembered between two lines; committed with every offset, so it stays small. */
export interface State {
  readonly isTurnOpen: boolean;
  /** The last whole message of the present turn, cut to `rememberedCharacters`. */
  readonly lastMessage: string | null;
}

/** Rises with every change of `State` that an older translator could not read. */
export const stateVersion = 1;

export const rememberedCharacters = 16_384;

export const initialState: State = { isTurnOpen: false, lastMessage: null };

export function remember(state: State, message: string): State {
  return { ...state, lastMessage: message.slice(0, rememberedCharacters) };
}

/** The answer of a turn that did not give one itself: the last thing that was said in it. */
export function lastAnswer({ lastMessage }: State): Pick<Conclusion, 'answer' | 'answerSource'> {
  if (lastMessage === null || lastMessage === '') return { answer: '', answerSource: 'none' };
  return { answer: lastMessage, answerSource: 'message' };
}

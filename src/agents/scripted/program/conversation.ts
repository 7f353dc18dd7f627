import type { Command } from '../wire.ts';
import type { Listener } from './input.ts';
import type { Script } from './read-script.ts';
import type { Step } from './vocabulary.ts';
import { newSessionId } from './ids.ts';
import { Input } from './input.ts';
import { emit } from './output.ts';
import { playSteps, playTurn } from './play-turn.ts';
import { Questions } from './questions.ts';
import { readPromptScript } from './read-script.ts';
import { Stage } from './stage.ts';
import { Steering } from './steering.ts';

/** What comes on stdin, and the turns that it opens: one at a time, in their order. */
export class Conversation implements Listener {
  readonly #script: Script;
  readonly #resumedSessionId: string | undefined;
  readonly #input: Input;
  readonly #questions = new Questions();
  /** The present turn, then those that wait for it. */
  readonly #turns: Turn[] = [];
  #played = 0;
  #hasInputEnded = false;
  #wake: () => void = () => undefined;

  constructor(script: Script, resumedSessionId?: string) {
    this.#script = script;
    this.#resumedSessionId = resumedSessionId;
    this.#input = new Input(this);
  }

  /** Plays turn after turn; resolves when stdin has ended and the last turn has, too. */
  async perform(): Promise<void> {
    await playSteps(this.#script.start, this.#stage(newTurn('', '')));
    const resumed = this.#resumedSessionId !== undefined;
    emit({ type: 'hello', version: '1', sessionId: this.#resumedSessionId ?? newSessionId(), resumed });
    for (;;) {
      const turn = this.#turns[0];
      if (turn !== undefined) {
        emit({ type: 'turn_started', id: turn.id });
        await playTurn(this.#stage(turn), () => this.#stepsFor(turn.prompt));
        this.#turns.shift();
      } else if (this.#hasInputEnded) {
        return;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    }
  }

  /** Without an id: the present turn. */
  interrupt(id = this.#turns[0]?.id): void {
    this.#turns.find((turn) => turn.id === id)?.interruption.abort();
  }

  line(text: string): void {
    const command = parseCommand(text);
    if (command?.type === 'prompt') this.#addTurn(command.id, command.text);
    else if (command?.type === 'interrupt') this.interrupt(command.id);
    else if (command?.type === 'permission_answer') this.#questions.answer(command.id, command);
    else if (command?.type === 'steer') this.#steer(command.id, command.text);
    else console.error(`scripted agent: stdin had a line that is no command: ${text.slice(0, 200)}`);
  }

  end(): void {
    this.#hasInputEnded = true;
    this.#questions.close();
    for (const { steering } of this.#turns) steering.close();
    this.#wake();
  }

  #addTurn(id: string, prompt: string): void {
    this.#turns.push(newTurn(id, prompt));
    this.#wake();
  }

  #steer(id: string, text: string): void {
    const isHeard = this.#turns.find((turn) => turn.id === id)?.steering.add(text) === true;
    if (!isHeard) console.error(`scripted agent: there is no turn "${id}" to be steered: ${text.slice(0, 200)}`);
  }

  #stage({ prompt, interruption: { signal }, steering }: Turn): Stage {
    return new Stage({ prompt, signal, steering, input: this.#input, questions: this.#questions });
  }

  async #stepsFor(prompt: string): Promise<readonly Step[]> {
    const { turns } = this.#script;
    const scripted = turns[Math.min(this.#played++, turns.length - 1)];
    return readPromptScript(prompt) ?? scripted ?? (await import('./demonstration.ts')).demonstration(prompt);
  }
}

interface Turn {
  readonly id: string;
  readonly prompt: string;
  readonly interruption: AbortController;
  readonly steering: Steering;
}

function newTurn(id: string, prompt: string): Turn {
  return { id, prompt, interruption: new AbortController(), steering: new Steering() };
}

function parseCommand(text: string): Command | null {
  try {
    return JSON.parse(text) as Command | null;
  } catch {
    return null;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import type { BenchServer } from '../server/bench-server.ts';
import type { Emulator } from '../../test/emulator/emulator.ts';
import type { PipeTurn } from './own-pipe.ts';
import type { Readers } from '../readers/readers.ts';
import { claudeArguments } from '../../src/agents/claude/arguments.ts';
import { claudeEnvironment } from '../../src/agents/claude/environment.ts';
import { createGate } from '../../test/emulator/gate.ts';
import { initialize, prompt } from '../../src/agents/claude/stdin.ts';
import { installedAgent } from '../../test/agents/install.ts';
import { monotonicNs } from '../machine/monotonic.ts';
import { Pipe } from './pipe.ts';
import { startEmulator } from '../../test/emulator/emulator.ts';

/** When the run was asked for, and when the first and the last delta of text came. */
export type ClaudeTimes = Pick<PipeTurn, 'askedNs' | 'firstNs' | 'lastNs'>;

export interface ClaudePairOptions {
  /** Of how many the model's answer is made, as fast as they can be sent. */
  readonly deltas: number;
  /** How many processes stay after their runs. @default 0 */
  readonly warmProcesses?: number;
}

const permissionMode = 'acceptEdits';

/** What either side does behind a turn or a start is not part of the next turn. */
const restMs = 300;

/** The real Claude Code through Drover and on a pipe of its own: same flags, same environment, same home, same model. */
export class ClaudePair {
  readonly #server: BenchServer;
  readonly #emulator: Emulator;
  readonly #readers: Readers;
  readonly #pipe: Pipe;
  readonly #deltas: number;

  private constructor(bench: Bench, server: BenchServer, emulator: Emulator, deltas: number) {
    this.#server = server;
    this.#emulator = emulator;
    this.#readers = bench.readers();
    this.#pipe = bench.use(new Pipe());
    this.#deltas = deltas;
  }

  static async start(bench: Bench, { deltas, warmProcesses = 0 }: ClaudePairOptions): Promise<ClaudePair> {
    const emulator = bench.use(await startEmulator());
    const server = await bench.startedServer({
      env: {
        ANTHROPIC_BASE_URL: emulator.baseUrl('bench'),
        ANTHROPIC_API_KEY: 'sk-ant-dummy',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      },
      config: {
        profiles: { claude: { driver: 'claude', options: { command: installedAgent('claude'), permissionMode } } },
        warm: { maxProcesses: warmProcesses },
      },
    });
    return new ClaudePair(bench, server, emulator, deltas);
  }

  /** In a new session, whose process ends with the turn or stays, as the server is configured. */
  async throughDrover(): Promise<ClaudeTimes> {
    return await this.#turnThroughDrover(await this.#server.session({ profile: 'claude' }));
  }

  /** In a session whose process was started before its first prompt. */
  async throughWarmedDrover(): Promise<ClaudeTimes> {
    const sessionId = await this.#server.session({ profile: 'claude', isWarm: true });
    return await this.#warmTurn(sessionId);
  }

  /** The second turn of a session, in the process of the first. */
  async secondThroughDrover(): Promise<ClaudeTimes> {
    const sessionId = await this.#server.session({ profile: 'claude' });
    await this.#turnThroughDrover(sessionId);
    return await this.#warmTurn(sessionId);
  }

  /** One that was written to with its start. */
  async onItsOwnPipe(): Promise<ClaudeTimes> {
    return await this.#lastTurnOnPipe({ turns: 1, isWarm: false });
  }

  /** One that was ready before it was written to. */
  async onItsOwnWarmedPipe(): Promise<ClaudeTimes> {
    return await this.#lastTurnOnPipe({ turns: 1, isWarm: true });
  }

  async secondOnItsOwnPipe(): Promise<ClaudeTimes> {
    return await this.#lastTurnOnPipe({ turns: 2, isWarm: false });
  }

  /** In the process that the session has: had it been started for the turn, something else would have been measured. */
  async #warmTurn(sessionId: string): Promise<ClaudeTimes> {
    const { process: before } = await this.#server.warm(sessionId);
    await sleep(restMs);
    const times = await this.#turnThroughDrover(sessionId);
    const { process: after } = await this.#server.warm(sessionId);
    if (before?.id !== after?.id) throw new Error('The turn was in another process than the one that was warm');
    return times;
  }

  async #turnThroughDrover(sessionId: string): Promise<ClaudeTimes> {
    const gate = this.#script();
    const { cursor } = await this.#server.sessionNow(sessionId);
    const reading = await this.#readers.open({
      urls: [this.#server.eventsUrl(sessionId, cursor)],
      headers: this.#server.requests.headers,
      readersPerUrl: 1,
      dialect: 'drover',
      counted: 'agent_message_chunk',
      expected: this.#deltas,
      isStamped: false,
    });
    const askedNs = monotonicNs();
    await this.#server.run(sessionId, 'Talk');
    await reading.counted;
    gate.open();
    const { lost, firstNs, lastNs } = await reading.ended;
    if (lost > 0) throw new Error(`${lost} deltas of ${this.#deltas} were lost`);
    await this.#server.quiet();
    return { askedNs, firstNs, lastNs };
  }

  async #lastTurnOnPipe(order: { readonly turns: number; readonly isWarm: boolean }): Promise<ClaudeTimes> {
    this.#script().open();
    const turns = await this.#pipe.run({
      argv: [installedAgent('claude'), ...claudeArguments({ options: { permissionMode }, nativeSessionId: null })],
      env: claudeEnvironment(this.#server.env),
      cwd: this.#server.workspace(),
      opening: initialize.text,
      prompts: Array.from({ length: order.turns }, () => prompt({ key: 'bench', prompt: 'Talk' }).text),
      isWarm: order.isWarm,
      restMs,
    });
    const last = turns.at(-1);
    if (turns.length !== order.turns || last?.deltas !== this.#deltas) {
      throw new Error(
        `The pipe had ${turns.length} turns of ${order.turns}, the last with ${last?.deltas ?? 0} deltas`,
      );
    }
    return last;
  }

  /** The gate stands behind the last delta: a reader that is behind would find them replaced by the whole message. */
  #script() {
    const gate = createGate();
    const chunks = Array.from({ length: this.#deltas }, (_, index) => `word${index} `);
    const framing = 2; // message_start and content_block_start.
    this.#emulator.script('bench', [
      {
        content: [{ type: 'text', text: chunks.join(''), chunks }],
        gate: { afterEvents: framing + this.#deltas, until: gate },
      },
    ]);
    return gate;
  }
}

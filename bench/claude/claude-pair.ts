import type { Bench } from '../bench.ts';
import type { BenchServer } from '../server/bench-server.ts';
import type { Emulator } from '../../test/emulator/emulator.ts';
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
export interface ClaudeTimes {
  readonly askedNs: number;
  readonly firstNs: number;
  readonly lastNs: number;
}

const permissionMode = 'acceptEdits';

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

  /** `deltas`: of how many the model's answer is made, as fast as they can be sent. */
  static async start(bench: Bench, deltas: number): Promise<ClaudePair> {
    const emulator = bench.use(await startEmulator());
    const server = await bench.startedServer({
      env: {
        ANTHROPIC_BASE_URL: emulator.baseUrl('bench'),
        ANTHROPIC_API_KEY: 'sk-ant-dummy',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      },
      config: {
        profiles: { claude: { driver: 'claude', options: { command: installedAgent('claude'), permissionMode } } },
      },
    });
    return new ClaudePair(bench, server, emulator, deltas);
  }

  async throughDrover(): Promise<ClaudeTimes> {
    const gate = this.#script();
    const sessionId = await this.#server.session('claude');
    const reading = await this.#readers.open({
      urls: [this.#server.eventsUrl(sessionId)],
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

  async onItsOwnPipe(): Promise<ClaudeTimes> {
    this.#script().open();
    const { spawnedNs, firstNs, lastNs, deltas } = await this.#pipe.run({
      argv: [installedAgent('claude'), ...claudeArguments({ options: { permissionMode }, nativeSessionId: null })],
      env: claudeEnvironment(this.#server.env),
      cwd: this.#server.workspace(),
      input: `${initialize.text}${prompt({ key: 'bench', prompt: 'Talk' }).text}`,
    });
    if (deltas !== this.#deltas) throw new Error(`The pipe had ${deltas} deltas of ${this.#deltas}`);
    return { askedNs: spawnedNs, firstNs, lastNs };
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

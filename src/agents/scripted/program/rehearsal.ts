import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Command } from '../wire.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { commandLine, WireLine } from '../wire.ts';

export interface RehearsalOptions {
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** How the program ended, and all that it said. */
export interface Performance {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The lines of stdout that belong to the protocol. */
  readonly lines: readonly WireLine[];
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** For tests: plays one prompt with the real program, to the end of its stdin. */
export async function perform(prompt: string, options?: RehearsalOptions): Promise<Performance> {
  await using rehearsal = new Rehearsal(options);
  rehearsal.prompt('turn', prompt);
  return await rehearsal.end();
}

/** For tests: the real program as a child with pipes, killed at the end of its scope. */
export class Rehearsal implements AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #unread: WireLine[] = [];
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  readonly #ended: Promise<[number | null, NodeJS.Signals | null]>;
  #hasEnded = false;
  #wake: () => void = () => undefined;

  constructor({ args = [], cwd, env }: RehearsalOptions = {}) {
    const main = join(import.meta.dirname, 'main.js');
    this.child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], { cwd, env });
    this.child.stdout.on('data', (chunk: Buffer) => this.#stdout.push(chunk));
    this.child.stderr.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
    createInterface(this.child.stdout).on('line', (text) => {
      const line = read(text);
      if (line !== null) this.#unread.push(line);
      this.#wake();
    });
    this.#ended = once(this.child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    this.child.once('close', () => {
      this.#hasEnded = true;
      this.#wake();
    });
    // A program that dies early is seen by its end, not by a failed write.
    this.child.stdin.on('error', () => undefined);
  }

  send(command: Command): void {
    this.child.stdin.write(commandLine(command));
  }

  prompt(id: string, text: string): void {
    this.send({ type: 'prompt', id, text });
  }

  /** The next line of this type; lines before it are passed over. */
  async next<Type extends WireLine['type']>(type: Type): Promise<Extract<WireLine, { type: Type }>> {
    for (;;) {
      const line = this.#unread.shift();
      if (line?.type === type) return line as Extract<WireLine, { type: Type }>;
      if (line !== undefined) continue;
      if (this.#hasEnded) throw new Error(`The program ended without "${type}": ${this.#stderr.join('')}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Closes stdin and waits for the end. */
  async end(): Promise<Performance> {
    this.child.stdin.end();
    return this.ended();
  }

  async ended(): Promise<Performance> {
    const [code, signal] = await this.#ended;
    const stdout = Buffer.concat(this.#stdout);
    const lines = stdout.toString().split('\n').map(read);
    return { code, signal, stdout, stderr: Buffer.concat(this.#stderr), lines: lines.filter((line) => line !== null) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#ended;
  }
}

function read(line: string): WireLine | null {
  try {
    return WireLine.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

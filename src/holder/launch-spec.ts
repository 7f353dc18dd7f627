/** What the agent is started with, byte for byte. */
export interface LaunchSpec {
  /** The first is the absolute path of the program; no shell and no PATH come in between. */
  readonly argv: readonly string[];
  /** All of the agent's environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The form in which the holder reads it from its stdin, never from argv, where every user of the machine could read along: words that
 * end in NUL, and a trailer by which a whole specification is told from one whose writer died.
 */
export function encodeLaunchSpec({ argv, env }: LaunchSpec): Buffer {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const words = [argv.length, ...argv, variables.length, ...variables, 'end'];
  return Buffer.from(words.map((word) => `${word}\0`).join(''));
}

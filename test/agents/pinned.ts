/** A vendor's command line as the agent tests run it: one exact version, one npm package per platform. */
export interface PinnedAgent {
  readonly version: string;
  /** npm package by `${process.platform}-${process.arch}`. */
  readonly packages: Readonly<Record<string, string>>;
  /** Path of the executable inside the package. */
  readonly binary: string;
}

/**
 * The platform packages are named directly, because the umbrella package fetches its binary in an install script and we
 * run none. Raise a version here, on purpose; then record and review what changed in the stream.
 */
export const pinnedAgents = {
  claude: {
    version: '2.1.197',
    packages: {
      'linux-x64': '@anthropic-ai/claude-code-linux-x64',
      'linux-arm64': '@anthropic-ai/claude-code-linux-arm64',
      'darwin-x64': '@anthropic-ai/claude-code-darwin-x64',
      'darwin-arm64': '@anthropic-ai/claude-code-darwin-arm64',
    },
    binary: 'claude',
  },
} as const satisfies Record<string, PinnedAgent>;

export type PinnedAgentName = keyof typeof pinnedAgents;

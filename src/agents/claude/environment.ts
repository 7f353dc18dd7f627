import { baseEnvironment, type Environment, selectEnvironment } from '../base-environment.ts';

/** Settings that users of Claude Code make by hand. */
const settings = [
  /^ANTHROPIC_/,
  /^CLAUDE_CODE_(USE|SKIP|DISABLE|ENABLE|MAX|CLIENT|EXTRA|SHELL|PROXY|CERT_STORE|EFFORT|AUTO_COMPACT|ATTRIBUTION|API_KEY_HELPER)(_|$)/,
  /^CLAUDE_(CONFIG_DIR|CODE_OAUTH_TOKEN|CODE_SUBAGENT_MODEL|CODE_TMPDIR)$/,
  /^CLAUDE_(STREAM|BYTE_STREAM|ENABLE|BASH|AUTOCOMPACT)_/,
  /^(API_TIMEOUT_MS|MAX_THINKING_TOKENS|MAX_MCP_OUTPUT_TOKENS|ENABLE_TOOL_SEARCH|IS_SANDBOX)$/,
  /^(BASH_(DEFAULT|MAX)_|MCP_(TIMEOUT|TOOL_TIMEOUT)$|DISABLE_(TELEMETRY|AUTOUPDATER|ERROR_REPORTING|PROMPT_CACHING|COST_WARNINGS))/,
];

/** The clouds through which Claude Code reaches its models bring variables of their own, which nobody else's run has a use for. */
const clouds = [
  { isUsedBy: 'CLAUDE_CODE_USE_BEDROCK', names: /^AWS_/ },
  {
    isUsedBy: 'CLAUDE_CODE_USE_VERTEX',
    names: /^(GOOGLE_APPLICATION_CREDENTIALS|CLOUD_ML_REGION|GOOGLE_CLOUD_PROJECT|VERTEX_REGION_\w+)$/,
  },
  { isUsedBy: 'CLAUDE_CODE_USE_FOUNDRY', names: /^AZURE_/ },
];

/**
 * The agent's whole environment. It is chosen by name, never copied: a server that was itself started by Claude Code has
 * CLAUDECODE, CLAUDE_CODE_ENTRYPOINT or CLAUDE_CODE_SSE_PORT set, with which its agents would take themselves for part of that one.
 */
export function claudeEnvironment(
  env: Environment,
  additions: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const wanted = [...settings, ...clouds.filter(({ isUsedBy }) => env[isUsedBy]).map(({ names }) => names)];
  return {
    ...baseEnvironment(env),
    ...selectEnvironment(env, (name) => wanted.some((pattern) => pattern.test(name))),
    ...additions,
  };
}

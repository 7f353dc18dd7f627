import type { ToolCallContent, ToolKind } from '../../contracts/agent-events.ts';
import type { PermissionFacts } from '../driver.ts';
import { inputDiffs } from './tool-diff.ts';
import { namedPaths, touchedPaths } from './tool-paths.ts';

export interface ToolDescription {
  readonly title: string;
  readonly kind: ToolKind;
  readonly locations?: { path: string; line?: number }[];
  readonly content?: ToolCallContent[];
}

/** A call of one of Claude Code's tools, as ACP shows tool calls. */
export function describeToolCall(name: string, input: unknown): ToolDescription {
  const args = isRecord(input) ? input : {};
  const title = clipped(titleOf(name, args));
  const [path] = namedPaths(args);
  const diffs = inputDiffs(name, args);
  return {
    title,
    kind: kindOf(name),
    ...(path === undefined ? {} : { locations: [locationOf(path, args['offset'])] }),
    ...(diffs.length === 0 ? {} : { content: diffs }),
  };
}

/** What policies of permissions go by: what the call would run, and what it would touch. */
export function permissionFacts(name: string, input: unknown): PermissionFacts {
  const args = isRecord(input) ? input : {};
  const { paths, areComplete, isSearch } = touchedPaths(name, args);
  // Of tools that are not known here, any key may name a path, and what is called a command need be none of a shell.
  const isKnown = kinds.has(name);
  return {
    tool: name,
    command: isForeign(name) ? null : (text(args, 'command') ?? null),
    paths,
    isFullyKnown: isKnown && areComplete && !isUnsandboxed(args),
    ...(isSearch && { isSearch }),
  };
}

/** Claude Code's own sandbox for commands is left: the same command can do more. */
function isUnsandboxed({ dangerouslyDisableSandbox }: Readonly<Record<string, unknown>>): boolean {
  return dangerouslyDisableSandbox !== undefined && dangerouslyDisableSandbox !== false;
}

const kinds: ReadonlyMap<string, ToolKind> = new Map(
  Object.entries<ToolKind>({
    Bash: 'execute',
    BashOutput: 'execute',
    KillShell: 'execute',
    Monitor: 'execute',
    Read: 'read',
    NotebookRead: 'read',
    ListMcpResourcesTool: 'read',
    ReadMcpResourceTool: 'read',
    Write: 'edit',
    Edit: 'edit',
    MultiEdit: 'edit',
    NotebookEdit: 'edit',
    Grep: 'search',
    Glob: 'search',
    LS: 'search',
    ToolSearch: 'search',
    WebFetch: 'fetch',
    WebSearch: 'fetch',
    web_fetch: 'fetch',
    web_search: 'fetch',
    Agent: 'think',
    Task: 'think',
    TodoWrite: 'think',
    TaskCreate: 'think',
    TaskUpdate: 'think',
    TaskList: 'think',
    TaskGet: 'think',
    EnterPlanMode: 'switch_mode',
    ExitPlanMode: 'switch_mode',
  }),
);

export function kindOf(name: string): ToolKind {
  return kinds.get(name) ?? 'other';
}

/** Says what the call does where the input tells, else the tool's name. */
function titleOf(name: string, args: Readonly<Record<string, unknown>>): string {
  const one = (key: string, title: (value: string) => string) => {
    const value = text(args, key);
    return value === undefined ? name : title(value);
  };
  switch (name) {
    case 'Bash':
    case 'Monitor':
      return one('command', (command) => (isUnsandboxed(args) ? `Outside the sandbox: ${command}` : command));
    case 'Read':
    case 'Write':
    case 'Edit':
    case 'MultiEdit':
      return one('file_path', (path) => `${name} ${path}`);
    case 'NotebookEdit':
      return one('notebook_path', (path) => `Edit ${path}`);
    case 'Grep':
    case 'Glob':
      return one('pattern', (pattern) => `${name} ${pattern}`);
    case 'WebFetch':
      return one('url', (url) => `Fetch ${url}`);
    case 'WebSearch':
      return one('query', (query) => `Search the web for ${query}`);
    case 'Agent':
    case 'Task':
      return one('description', (description) => description);
    case 'TaskCreate':
      return one('subject', (subject) => `Plan: ${subject}`);
    case 'TodoWrite':
    case 'TaskUpdate':
      return 'Update the plan';
    case 'Skill':
      return one('skill', (skill) => `Skill ${skill}`);
    case 'ExitPlanMode':
      return 'Leave plan mode';
    default:
      return mcpTitle(name) ?? name;
  }
}

/** Tools of MCP servers are named `mcp__<server>__<tool>`. */
function isForeign(name: string): boolean {
  return name.startsWith('mcp__');
}

function mcpTitle(name: string): string | undefined {
  const match = /^mcp__(.+?)__(.+)$/.exec(name);
  return match === null ? undefined : `${match[1]}: ${match[2]}`;
}

function locationOf(path: string, offset: unknown): { path: string; line?: number } {
  return typeof offset === 'number' && Number.isInteger(offset) ? { path, line: offset } : { path };
}

function clipped(title: string): string {
  return title.length <= 200 ? title : `${title.slice(0, 199)}…`;
}

function text(args: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = args[key];
  return typeof value === 'string' ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

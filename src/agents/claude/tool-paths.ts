type Input = Readonly<Record<string, unknown>>;

/** The paths that a tool's input names, as they stand there. */
export function namedPaths(input: Input): string[] {
  return keys.map((key) => input[key]).filter((path) => typeof path === 'string' && path !== '') as string[];
}

export interface TouchedPaths {
  readonly paths: string[];
  /** Whether the input names all of them. */
  readonly areComplete: boolean;
  /** Whether the tool goes through all that is below them. */
  readonly isSearch: boolean;
}

/**
 * What a call of one of Claude Code's own tools would touch. It makes the paths of its file tools absolute before it asks about them
 * (`~`, `..` and blanks around them are gone: seen with 2.1.197 and 2.1.330).
 */
export function touchedPaths(name: string, input: Input): TouchedPaths {
  const named = namedPaths(input);
  const isSearch = searching.has(name);
  const places = named.length === 0 && isSearch ? [workspace] : named;
  const { pattern } = input;
  if (name !== 'Glob' || typeof pattern !== 'string') return { paths: places, areComplete: true, isSearch };
  const root = rootOf(pattern, places[0]);
  return { paths: [...places, ...(root === null ? [] : [root])], areComplete: !mayLeave(pattern), isSearch };
}

const keys = ['file_path', 'notebook_path', 'path'] as const;

/** They search the workspace where they are not told another place. */
const searching: ReadonlySet<string> = new Set(['Grep', 'Glob', 'LS']);
const workspace = '.';

/** Where a pattern begins that leads out of the folder in which it is looked for: its folders before the first wildcard. */
function rootOf(pattern: string, folder = workspace): string | null {
  const segments = pattern.split('/');
  const first = segments.findIndex((segment) => /[*?[\]{}]/.test(segment));
  const root = segments.slice(0, first === -1 ? -1 : first).join('/');
  if (pattern.startsWith('/')) return root === '' ? '/' : root;
  return segments.includes('..') ? `${folder}/${root}` : null;
}

/** Whether a pattern could lead to other places than its beginning says. Braces are harmless around plain words: `*.{ts,tsx}`. */
function mayLeave(pattern: string): boolean {
  return /\.\.|[{}\\]/.test(pattern.replace(/\{[\w,-]*\}/g, ''));
}

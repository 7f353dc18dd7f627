import { z } from 'zod';

/** What becomes of a question: `ask` puts it to people. */
export const PermissionAction = z.enum(['allow', 'deny', 'ask'], { error: 'Expected one of "allow"|"deny"|"ask"' });
export type PermissionAction = z.infer<typeof PermissionAction>;

/** In milliseconds: 24 days. Timers cannot wait much longer, they would fire at once. */
export const longestPermissionDeadlineMs = 24 * 24 * 60 * 60 * 1000;

const deadlineError = { error: `Expected whole milliseconds from 1 to ${longestPermissionDeadlineMs} (24 days)` };

const longestPattern = 4096;

const Pattern = z
  .string({ error: 'Expected text' })
  .min(1, { error: 'Expected text that is not empty' })
  .max(longestPattern, { error: `Expected ${longestPattern} characters at most` });

const PathPattern = Pattern.superRefine((pattern, context) => {
  const message = findPathProblem(pattern);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/**
 * What to do with the questions that fit all of `tool`, `command` and `path`; one that is absent fits everything. How they are
 * matched: docs/permissions.md.
 */
export const PermissionRule = z
  .strictObject(
    {
      action: PermissionAction,
      tool: Pattern.optional().describe('The name of a tool; `*` is any run of characters, `\\*` the character itself'),
      command: Pattern.optional().describe('A shell command from its first to its last character; `*` as in `tool`'),
      path: PathPattern.optional().describe(
        'Absolute, or relative to the workspace; `*` is any run of characters within a name, `**` any number of directories',
      ),
      deadlineMs: z
        .int(deadlineError)
        .min(1, deadlineError)
        .max(longestPermissionDeadlineMs, deadlineError)
        .optional()
        .describe('With `ask`: how many milliseconds are waited for an answer'),
      otherwise: z
        .enum(['deny', 'allow'], { error: 'Expected one of "deny"|"allow"' })
        .optional()
        .describe('With `ask`: what holds when nobody has answered by then; `deny` where absent'),
    },
    {
      error: ({ code }) => (code === 'invalid_type' ? 'Expected a rule such as {action: deny, tool: Bash}' : undefined),
    },
  )
  .superRefine((rule, context) => {
    if (rule.action === 'ask') return;
    for (const key of ['deadlineMs', 'otherwise'] as const) {
      if (rule[key] === undefined) continue;
      const message = `Expected no ${key} in a rule whose action is "${rule.action}": only "ask" waits`;
      context.addIssue({ code: 'custom', path: [key], message });
    }
  })
  .meta({ id: 'PermissionRule' });
export type PermissionRule = z.infer<typeof PermissionRule>;

const mostRules = 1000;

/** In characters of JSON. What holds for a run is told with it. */
const largestPolicy = 256 * 1024;

/** Who may do what: rules in the order in which they are tried, or one action for everything. */
export const Policy = z
  .union([
    PermissionAction,
    z
      .array(PermissionRule)
      .max(mostRules)
      .refine((rules) => !isTooLarge(rules)),
  ])
  .meta({ id: 'Policy' });
export type Policy = z.infer<typeof Policy>;

/** A policy that somebody wrote. It is checked by hand before it is parsed: of a union that does not fit, zod says only "Invalid input". */
export const GivenPolicy = z.preprocess((value, context) => {
  for (const problem of findPolicyProblems(value)) context.addIssue({ code: 'custom', input: value, ...problem });
  return value;
}, Policy);

interface Problem {
  readonly path: PropertyKey[];
  readonly message: string;
}

function findPolicyProblems(value: unknown): Problem[] {
  if (!Array.isArray(value)) {
    if (PermissionAction.safeParse(value).success) return [];
    return [{ path: [], message: 'Expected one of "allow"|"deny"|"ask", or a list of rules' }];
  }
  if (value.length > mostRules) return [{ path: [], message: `Expected ${mostRules} rules at most` }];
  const problems = value.flatMap((rule: unknown, index) =>
    (PermissionRule.safeParse(rule).error?.issues ?? []).flatMap((issue) =>
      explainIssue(issue).map(({ path, message }) => ({
        path: [index, ...path],
        message: `${message} (rule ${index + 1})`,
      })),
    ),
  );
  if (problems.length > 0 || !isTooLarge(value)) return problems;
  return [{ path: [], message: `Expected ${largestPolicy} characters of rules at most` }];
}

function isTooLarge(rules: readonly unknown[]): boolean {
  return JSON.stringify(rules).length > largestPolicy;
}

function explainIssue(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code !== 'unrecognized_keys') return [issue];
  const message = `Expected one of ${Object.keys(PermissionRule.shape).join(', ')}`;
  return issue.keys.map((key) => ({ path: [key], message }));
}

/** Whatever other tools give a meaning that ours has not is refused: a rule that silently matches nothing protects nothing. */
function findPathProblem(pattern: string): string | undefined {
  // What is escaped has no meaning of its own.
  const bare = pattern.replace(/\\[*\\[\]{}?!]/g, '_');
  if (bare.startsWith('~')) return 'Expected an absolute path or one in the workspace: use an absolute path for "~"';
  if (/[[{?]|^!/.test(bare)) {
    return 'Expected no pattern but "*" and "**": write "\\[", "\\{", "\\?" or "\\!" for the character itself';
  }
  const segments = bare.split('/');
  if (segments.includes('..')) return 'Expected a path without "..": use an absolute path';
  if (segments.some((segment) => segment !== '**' && segment.includes('**'))) {
    return 'Expected "**" to stand alone between slashes, as in "src/**/*.ts"';
  }
  if (bare.length > 1 && bare.endsWith('/')) {
    return 'Expected no slash at the end: write "directory/**" for a directory and all that is in it';
  }
  return undefined;
}

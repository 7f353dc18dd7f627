/** What an agent asks to be allowed. */
export interface PermissionSubject {
  /** As the agent calls it. */
  readonly tool: string;
  /** The shell command line, where the tool runs one. */
  readonly command: string | null;
  /**
   * Absolute, with links resolved: a pattern cannot see where a link leads. Where programs read a path differently, each reading is one
   * of them.
   */
  readonly paths: readonly string[];
  /** Whether `command` and `paths` say all that the tool would do. Else nothing is allowed that goes by them. */
  readonly isFullyKnown: boolean;
  /** The tool goes through all that is below its paths. @default false */
  readonly isSearch?: boolean;
  /** What relative patterns are relative to: absolute, with links resolved. */
  readonly workspace: string;
}

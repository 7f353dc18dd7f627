import { z } from 'zod';
import type { ToolCallContent } from '../../contracts/agent-events.ts';

export type Diff = Extract<ToolCallContent, { type: 'diff' }>;

/** What an edit intends, read from its input, before anything is written. */
export function inputDiffs(name: string, input: Readonly<Record<string, unknown>>): Diff[] {
  switch (name) {
    case 'Write':
      return parsed(WriteInput, input, ({ file_path: path, content }) => [diff(path, null, content)]);
    case 'Edit':
      return parsed(EditInput, input, ({ file_path: path, ...edit }) => [diff(path, edit.old_string, edit.new_string)]);
    case 'MultiEdit':
      return parsed(MultiEditInput, input, ({ file_path: path, edits }) =>
        edits.map((edit) => diff(path, edit.old_string, edit.new_string)),
      );
    case 'NotebookEdit':
      return parsed(NotebookInput, input, ({ notebook_path: path, new_source }) => [diff(path, null, new_source)]);
    default:
      return [];
  }
}

export interface AppliedEdit {
  readonly path: string;
  readonly diffs: Diff[];
  /** Where the first change begins. */
  readonly line: number | null;
}

/**
 * What an edit has done, from the `tool_use_result` beside the tool's answer: one diff for each hunk of its patch, so that a change
 * of one line in a large file is a small event; for a file that is new, its content.
 */
export function appliedEdit(result: unknown): AppliedEdit | null {
  const { success, data: edit } = EditResult.safeParse(result);
  if (!success) return null;
  const path = edit.filePath;
  if (edit.structuredPatch.length > 0) {
    const line = edit.structuredPatch[0]?.newStart ?? null;
    return { path, diffs: edit.structuredPatch.map(({ lines }) => hunk(path, lines)), line };
  }
  const oldText = edit.oldString ?? edit.originalFile ?? null;
  const newText = edit.newString ?? edit.content;
  return newText === undefined ? null : { path, diffs: [diff(path, oldText, newText)], line: null };
}

const WriteInput = z.object({ file_path: z.string(), content: z.string() });
const Replacement = z.object({ old_string: z.string(), new_string: z.string() });
const EditInput = Replacement.extend({ file_path: z.string() });
const MultiEditInput = z.object({ file_path: z.string(), edits: z.array(Replacement) });
const NotebookInput = z.object({ notebook_path: z.string(), new_source: z.string() });

const EditResult = z.object({
  filePath: z.string(),
  structuredPatch: z.array(z.object({ newStart: z.int(), lines: z.array(z.string()) })),
  originalFile: z.string().nullish(),
  content: z.string().optional(),
  oldString: z.string().optional(),
  newString: z.string().optional(),
});

function parsed<Input>(schema: z.ZodType<Input>, input: unknown, diffs: (input: Input) => Diff[]): Diff[] {
  const { success, data } = schema.safeParse(input);
  return success ? diffs(data) : [];
}

/** The lines of a unified diff begin with a space, `-` or `+`; `\ No newline at end of file` belongs to no side. */
function hunk(path: string, lines: readonly string[]): Diff {
  const side = (mark: string) =>
    lines
      .filter((line) => line.startsWith(' ') || line.startsWith(mark))
      .map((line) => line.slice(1))
      .join('\n');
  return diff(path, side('-'), side('+'));
}

function diff(path: string, oldText: string | null, newText: string): Diff {
  return { type: 'diff', path, oldText, newText };
}

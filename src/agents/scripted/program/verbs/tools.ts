import type { Perform } from './performers.ts';
import type { Tool, ToolResult } from '../stage.ts';
import { readFileSync } from 'node:fs';
import { pause } from '../interruptible.ts';
import { ScriptError } from '../read-script.ts';
import { change } from './files.ts';

/** A tool call that only says that it does something. */
export const tool: Perform<'tool'> = async (fields, stage) => {
  const { title, kind = 'other', input, output, ok = true, delayMs = 0, leaveOpen = false } = fields;
  const call = stage.openTool(title, kind, input);
  if (delayMs > 0) await pause(delayMs, stage.signal);
  if (!leaveOpen) call.finish({ ok, ...(output !== undefined && { output }) });
};

export const read: Perform<'read'> = ({ path }, stage) => {
  const call = stage.openTool(`Read ${path}`, 'read', { path });
  finishBy(call, () => ({ ok: true, output: readFileSync(path, 'utf8') }));
};

export const edit: Perform<'edit'> = (fields, stage) => {
  const call = stage.openTool(`Edit ${fields.path}`, 'edit', fields);
  finishBy(call, () => ({ ok: true, diff: change(fields) }));
};

function finishBy(call: Tool, act: () => ToolResult): void {
  try {
    call.finish(act());
  } catch (error) {
    if (error instanceof ScriptError) throw error;
    call.finish({ ok: false, output: (error as Error).message });
  }
}

import type { Script, ToolUseContent } from './reply.ts';

const poem = Array.from({ length: 40 }, (_, line) => `Line ${line + 1} of a slow answer.\n`);

/** What `main.ts` offers for trying an agent by hand; tests write their own scripts. */
export const scenarios: Readonly<Record<string, Script>> = {
  ok: [{ content: [{ type: 'text', text: 'Hello from the emulator.', chunks: 3 }] }],
  slow: [{ content: [{ type: 'text', text: poem.join(''), chunks: poem }], paceMs: 500 }],
  think: [
    {
      content: [
        { type: 'thinking', thinking: 'First I think about it, then I answer.', chunks: 4 },
        { type: 'text', text: 'I have thought about it.' },
      ],
    },
  ],
  bash: toolThenText({
    type: 'tool_use',
    name: 'Bash',
    input: { command: 'date; pwd', description: 'Date and place' },
  }),
  write: (request, index) => {
    const file = `${workingDirectory(request.body)}/emulated.txt`;
    if (index % 2 === 1) return { content: [{ type: 'text', text: `I wrote ${file}.` }] };
    return { content: [{ type: 'tool_use', name: 'Write', input: { file_path: file, content: 'Hello.\n' } }] };
  },
  e401: [{ error: { status: 401, message: 'invalid x-api-key' } }],
  e429: [{ error: { status: 429, message: 'Too many requests', headers: { 'retry-after': '2' } } }],
  e529: [{ error: { status: 529, message: 'Overloaded' } }],
  cut: [{ content: [{ type: 'text', text: 'This stream is cut in the middle.', chunks: 6 }], cutAfterEvents: 5 }],
  stall: [{ content: [{ type: 'text', text: 'This stream falls silent.', chunks: 6 }], stallAfterEvents: 5 }],
};

/** Turn after turn: the tool, then a word about it. */
function toolThenText(tool: ToolUseContent): Script {
  return (_request, index) =>
    index % 2 === 0
      ? { content: [{ type: 'text', text: 'Let me see.' }, tool] }
      : { content: [{ type: 'text', text: 'That is done.' }] };
}

/** Claude Code tells the model where it works; its file tools want absolute paths. */
function workingDirectory(body: unknown): string {
  return /working directory: ([^\\"]+)/i.exec(JSON.stringify(body))?.[1] ?? '/tmp';
}

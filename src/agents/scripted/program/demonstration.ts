import type { Step } from './vocabulary.ts';

/** What is played where nobody wrote a script: a short piece of work in the present folder, pleasant to watch. */
export function demonstration(prompt: string): readonly Step[] {
  const asked = quote(prompt);
  const file = 'GREETING.md';
  return [
    { think: { text: `The user says ${asked}. I look around, then I leave a greeting.`, chunks: 12, delayMs: 30 } },
    { plan: { entries: planAt(0) } },
    {
      say: {
        text: 'I am the scripted agent: no model, but real work. First I look at this folder.',
        chunks: 14,
        delayMs: 30,
      },
    },
    { run: { argv: ['ls', '-1'] } },
    { plan: { entries: planAt(1) } },
    { edit: { path: file, append: `Hello from Drover's scripted agent. You said ${asked}.\n` } },
    { plan: { entries: planAt(2) } },
    { read: { path: file } },
    { plan: { entries: planAt(3) } },
    { usage: { inputTokens: 120, outputTokens: 80, model: 'scripted' } },
    { say: { text: `Done: I have written a line to ${file} that answers ${asked}.`, chunks: 12, delayMs: 30 } },
  ];
}

/** The plan with so many entries done. */
function planAt(done: number) {
  return ['Look around', 'Write the greeting', 'Read it again'].map((content, index) => ({
    content,
    priority: 'medium' as const,
    status: index < done ? ('completed' as const) : index === done ? ('in_progress' as const) : ('pending' as const),
  }));
}

function quote(prompt: string): string {
  const line = prompt.trim().replaceAll(/\s+/g, ' ');
  return JSON.stringify(line.length > 60 ? `${line.slice(0, 59)}…` : line);
}

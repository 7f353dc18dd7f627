import type { DroverClient } from '../client/client.ts';
import type { Event } from '../contracts/events.ts';
import type { Run, Session } from '../contracts/resources.ts';
import { commandLine } from './command-line.ts';
import { followRun } from './follow-run.ts';
import { inertJson, inertLine } from './inert-text.ts';
import type { Io } from './io.ts';
import { Paper } from './output/paper.ts';
import { styleOf } from './output/style.ts';
import { TranscriptPrinter } from './output/transcript-printer.ts';
import type { ServerOptions } from './server-options.ts';
import { TerminalQuestions } from './terminal-questions.ts';

export interface WatchRunOptions {
  readonly client: DroverClient;
  /** As it was before the run was made. */
  readonly session: Session;
  readonly io: Io;
  /** How this server was found, for the commands that are shown. */
  readonly options: ServerOptions;
  readonly isJson: boolean;
}

/**
 * Shows a run to whoever has started it, and resolves with the exit code. What the agent asks for is asked here where a person sits at
 * both ends; everywhere it is told how to answer it from elsewhere.
 */
export async function watchRun(run: Run, { client, session, io, options, isJson }: WatchRunOptions): Promise<number> {
  const answerCommand = (permissionId: string) => commandLine(['approve', permissionId], options);
  const { show, remark, ask } = isJson ? inJson(io, answerCommand) : forPeople(io, answerCommand);
  if (session.isPaused && run.state === 'queued') {
    const resume = commandLine(['resume', session.id], options);
    remark(`The session is paused; nothing starts in it until: ${resume}`);
  }
  const isAtTerminal = !isJson && io.stdin.isTTY === true && io.stdout.isTTY === true;
  const questions = isAtTerminal ? new TerminalQuestions({ client, io, remark, ask }) : null;
  // What a run asked before this prompt was said into it.
  for (const id of run.permissions.pending) questions?.add(id);
  try {
    const showAndAsk = (event: Event) => {
      show(event);
      questions?.take(event);
    };
    return await followRun({ client, run, after: session.cursor, io, show: showAndAsk, remark });
  } finally {
    questions?.close();
  }
}

interface Shown {
  readonly show: (event: Event) => void;
  readonly remark: (text: string) => void;
  readonly ask: (text: string) => void;
}

function forPeople(io: Io, answerCommand: (permissionId: string) => string): Shown {
  const printer = new TranscriptPrinter(new Paper(io.stdout, styleOf(io.stdout, io.env)), { answerCommand });
  return {
    show: (event) => printer.print(event),
    remark: (text) => printer.remark(text),
    ask: (text) => printer.ask(text),
  };
}

/** Whoever reads the JSON is a program; what a person has to do goes elsewhere. */
function inJson(io: Io, answerCommand: (permissionId: string) => string): Shown {
  const remark = (text: string) => void io.stderr.write(`drover: ${inertLine(text)}\n`);
  return {
    remark,
    ask: remark,
    show(event) {
      io.stdout.write(`${inertJson(event)}\n`);
      if (event.type !== 'permission.requested' || event.data.deadlineAt === undefined) return;
      remark(`the run waits for an answer: ${answerCommand(event.data.permissionId)}`);
    },
  };
}

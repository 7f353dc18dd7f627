import type { Output } from '../io.ts';
import type { Style } from './style.ts';

/** An output that knows whether its last line has an end, so that streamed text and whole lines do not run into one another. */
export class Paper {
  readonly style: Style;
  readonly #output: Output;
  #isAtLineStart = true;

  constructor(output: Output, style: Style) {
    this.#output = output;
    this.style = style;
  }

  /** Goes on where it stands. The text must be inert. */
  write(text: string, paint = (plain: string) => plain): void {
    if (text === '') return;
    this.#output.write(paint(text));
    this.#isAtLineStart = text.endsWith('\n');
  }

  /** A line, or several, on their own. */
  line(text: string): void {
    this.endLine();
    this.#output.write(`${text}\n`);
  }

  endLine(): void {
    if (!this.#isAtLineStart) this.#output.write('\n');
    this.#isAtLineStart = true;
  }
}

import type { Clock } from '../../../kernel/clock.ts';
import type { ProcessFiles } from '../../../holder/process-directory.ts';
import { DirectoryWatch } from './directory-watch.ts';
import { News } from './news.ts';
import type { LogStream } from './process-logs.ts';

/** What may be new; what of it is left undone is added to the news again. */
export interface Round {
  readonly streams: ReadonlySet<LogStream>;
  readonly mayHaveEnded: boolean;
}

export interface NewsPumpOptions {
  readonly look: (round: Round) => Promise<void>;
  readonly onError: (error: unknown) => void;
  /** At once, whatever round is on its way. */
  readonly onNews: () => void;
}

/**
 * Looks after what is new in a process directory, round after round until nothing is. One round is on its way at a time, so a flood of one
 * agent waits for its own commits.
 */
export class NewsPump {
  readonly news: News;
  readonly #directory: string;
  readonly #watch: DirectoryWatch;
  readonly #options: NewsPumpOptions;
  #isFollowing = false;
  #isPumping = false;
  #isStopped = false;

  constructor(files: ProcessFiles, clock: Clock, options: NewsPumpOptions) {
    this.news = new News(files);
    this.#directory = files.directory;
    this.#options = options;
    this.#watch = new DirectoryWatch(clock, (file) => this.noticed(file));
  }

  /** Looks at everything now, and from now on at what changes. */
  start(): void {
    this.#isFollowing = true;
    this.#watch.start(this.#directory);
    this.noticed(null);
  }

  /** A file has changed; null: nobody knows which. */
  noticed(file: string | null): void {
    this.news.add(file);
    if (!this.news.isEmpty) this.#options.onNews();
    if (this.#isFollowing && !this.#isPumping && !this.#isStopped && !this.news.isEmpty) void this.#pump();
  }

  stop(): void {
    this.#isStopped = true;
    this.#watch.stop();
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    try {
      while (!this.news.isEmpty && !this.#isStopped) await this.#options.look(this.news.take());
    } catch (error) {
      this.#options.onError(error);
    } finally {
      this.#isPumping = false;
    }
  }
}

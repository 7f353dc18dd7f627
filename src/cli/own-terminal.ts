import { spawnSync } from 'node:child_process';

/** The terminal in which the program itself runs. */
export interface OwnTerminal {
  size(): { readonly rows: number; readonly cols: number };
  /** Calls back whenever it has another size; returns what ends that. */
  onResize(handle: () => void): () => void;
  /**
   * Calls back with every key, as it is typed; nothing is echoed, obeyed or translated any more. Returns what ends that, as does the end
   * of the program, whatever it is.
   */
  takeOver(onInput: (bytes: Uint8Array) => void): () => void;
}

/** Undefined where nobody sits at both ends. */
export function ownTerminal({ stdin, stdout }: Pick<NodeJS.Process, 'stdin' | 'stdout'>): OwnTerminal | undefined {
  if (!stdin.isTTY || !stdout.isTTY) return undefined;
  return {
    size: () => ({ rows: stdout.rows, cols: stdout.columns }),
    onResize(handle) {
      stdout.on('resize', handle);
      return () => stdout.off('resize', handle);
    },
    takeOver(onInput) {
      stdin.setRawMode(true);
      // Node has the terminal still make CR LF of LF, which is for those who print lines. Without stty it looks a little worse.
      spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
      stdin.on('data', onInput).resume();
      const restore = () => {
        process.off('exit', restore);
        stdin.off('data', onInput).pause();
        stdin.setRawMode(false);
      };
      process.once('exit', restore);
      return restore;
    },
  };
}

import type { ChildProcess } from 'node:child_process';

/** The address that a server prints, as soon as it does; undefined when it ends without. What else it prints is thrown away. */
export function listeningAddress(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    let printed = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed = `${printed}${text}`.slice(-4_096);
      const url = /http:\/\/[\w.[\]:]+:\d+(?=\s)/.exec(printed)?.[0];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', () => resolve(undefined));
    child.once('error', () => resolve(undefined));
  });
}

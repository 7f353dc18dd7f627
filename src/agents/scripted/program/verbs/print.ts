import type { Perform } from './performers.ts';
import { breathe } from '../interruptible.ts';
import { write } from '../output.ts';
import { ScriptError } from '../read-script.ts';

const blockBytes = 65_536;

/** Bytes as they are, outside the protocol: garbage, half lines, very long lines. */
export const print: Perform<'print'> = async (fields, { signal }) => {
  const { text, base64, repeat = 1, newline = true, stream = 'stdout' } = fields;
  if ((text === undefined) === (base64 === undefined)) throw new ScriptError('"print" needs either "text" or "base64"');
  const unit = text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text);
  const unitsPerBlock = Math.ceil(blockBytes / Math.max(1, unit.length));
  for (let left = repeat; left > 0; left -= unitsPerBlock) {
    write(stream, Buffer.concat(Array<Buffer>(Math.min(left, unitsPerBlock)).fill(unit)));
    if (left > unitsPerBlock) await breathe(signal);
  }
  if (newline) write(stream, Buffer.from('\n'));
};

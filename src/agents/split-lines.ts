/** A longer line is not held in memory; the server's own reader draws the line at the same place. */
const maxLineBytes = 8 * 1024 * 1024;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * The lines of a stream of bytes, cut as bytes and then decoded, so that a character that arrives in two pieces stays whole. The
 * last line counts without its end, too. Null stands for a line that is too long.
 */
export async function* splitLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string | null, void, undefined> {
  let begun: Buffer[] = [];
  let length = 0;
  const finish = () => {
    const line = length > maxLineBytes ? null : decode(Buffer.concat(begun));
    begun = [];
    length = 0;
    return line;
  };
  const keep = (piece: Buffer) => {
    length += piece.length;
    if (length > maxLineBytes) begun = [];
    else begun.push(piece);
  };
  for await (const piece of bytes) {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      keep(chunk.subarray(start, end));
      yield finish();
      start = end + 1;
    }
    if (start < chunk.length) keep(Buffer.from(chunk.subarray(start)));
  }
  if (length > 0) yield finish();
}

function decode(line: Buffer): string {
  return line.toString('utf8', 0, line.at(-1) === carriageReturn ? line.length - 1 : line.length);
}

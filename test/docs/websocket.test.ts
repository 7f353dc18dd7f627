import { describe, expect, test } from 'vitest';
import { ClientFrame, closeCodes, lifecycleTypes, maxSubscriptions, ServerFrame } from '../../src/contracts/socket.ts';
import { tableRows } from './markdown-table.ts';

const document = 'docs/websocket.md';

interface Frames {
  readonly options: readonly { readonly shape: Readonly<Record<string, unknown>> }[];
}

/** Of each frame the keys beside `type`, and beside those that are left out; in any order. */
function keysOf({ options }: Frames, leftOut: readonly string[] = []): Record<string, string[]> {
  const frames = options.map(({ shape }) => {
    const { type, ...rest } = shape as { type: { value: string } };
    return [
      type.value,
      Object.keys(rest)
        .filter((key) => !leftOut.includes(key))
        .sort(),
    ] as const;
  });
  return Object.fromEntries(frames);
}

/** The second cell of each row, as the keys in it, by its first; of the rows with such a name that stand in one of the tables. */
function documented(isIn: (name: string, line: number) => boolean): Record<string, string[]> {
  const rows = tableRows(document).map(([name = '', keys = ''], line) => {
    return [name.replaceAll('`', ''), [...keys.matchAll(/`(\w+)`/g)].map(([, key = '']) => key).sort(), line] as const;
  });
  return Object.fromEntries(rows.filter(([name, , line]) => isIn(name, line)).map(([name, keys]) => [name, keys]));
}

describe('docs/websocket.md says what the code says', () => {
  const clientFrames = keysOf(ClientFrame, ['id']);
  const serverFrames = keysOf(ServerFrame);
  const codes = Object.values(closeCodes).map(String).sort();

  test('of the frames of a client, of which each may have an id', () => {
    expect(documented((name) => name in clientFrames)).toEqual(clientFrames);
    expect(ClientFrame.options.every(({ shape }) => 'id' in shape)).toBe(true);
  });

  test('of the frames of the server', () => {
    expect(documented((name) => name in serverFrames)).toEqual(serverFrames);
  });

  test('of the codes, and of nothing else', () => {
    const names = tableRows(document).map(([name = '']) => name.replaceAll('`', ''));
    expect(names).toEqual([...Object.keys(clientFrames), ...Object.keys(serverFrames), ...codes]);
    expect(maxSubscriptions.toLocaleString('en')).toBe('1,000');
  });

  test('of what a lifecycle is', () => {
    const groups = [...lifecycleTypes].map((type) =>
      /^(auth|rate_limit)/.test(type) ? type : type.replace(/\..*/, '.*'),
    );
    expect([...new Set(groups)].sort()).toEqual(
      ['attempt.*', 'auth.required', 'permission.*', 'process.*', 'rate_limit.reported', 'run.*', 'session.*'].sort(),
    );
  });
});

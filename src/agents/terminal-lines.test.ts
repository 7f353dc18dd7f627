import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { terminalLines } from './terminal-lines.ts';

const json = '{"type":"text","text":"\\u001b[31m grün 🐑\\u0007\u007f\u009b1m"}';
/** What Claude Code 2.1.197 prints when it leaves a terminal. */
const farewell =
  '\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b(B\x0f\x1b[>4m\x1b[<u\x1b[?1004l\x1b[?2031l\x1b[?2004l\x1b[?25h\x1b7\x1b[r\x1b8\x1b]0;\x07\x1b[?25h';

describe('a line of terminal bytes', () => {
  it.each([
    ['JSON as it is', json, [json]],
    ['an empty line', '', ['']],
    ['a carriage return behind it', `${json}\r`, [json]],
    ['a cursor that is shown before it', `\x1b[?25h${json}`, [json]],
    ['colours around it', `\x1b[1;38;5;208m${json}\x1b[0m`, [json]],
    ['colours with colons and intermediates', `\x1b[4:3m\x1b[0 q${json}`, [json]],
    ['a title that ends in BEL', `\x1b]0;a title {"\x07${json}`, [json]],
    ['a link that ends in ST', `\x1b]8;;http://x/\x1b\\${json}`, [json]],
    ['a device control string', `\x1bP+q544e\x1b\\\x1b_G{"a":1}\x1b\\${json}`, [json]],
    ['character sets and saved cursors', `\x1b(B\x1b7\x1b8\x1b=\x1bc${json}`, [json]],
    ['backspaces, bells and other controls', `\b\b\x07\x0f\x00${json}`, [json]],
    ['a tab', '\ta\tb', ['\ta\tb']],
    ['colours in words', '\x1b[31mred\x1b[0m and \x1b[1mbold', ['red and bold']],
    ['nothing but controls', farewell, []],
    ['controls, then JSON', `${farewell}${json}`, [json]],
    ['words, then JSON', `warning: old${json}`, ['warning: old', json]],
    ['words, then JSON and blanks', `warning: ${json} \r`, ['warning: ', `${json} `]],
    ['words that look like JSON', 'set {"a": 1} or {"b": 2}', ['set {"a": 1} or {"b": 2}']],
    ['words behind JSON', `${json} and more`, [`${json} and more`]],
    ['JSON that is broken', 'x {"a":}', ['x {"a":}']],
    ['a sequence that does not end', 'a\x1b[12', ['a12']],
    ['a title that does not end', `\x1b]0;title ${json}`, ['0;title ', json]],
    ['an escape at the end', `${json}\x1b`, [json]],
  ])('with %s', (_, line, lines) => {
    expect(terminalLines(line)).toEqual(lines);
  });

  it('keeps every JSON object, whatever a terminal is told before and after it', () => {
    const sequences = fc.constantFrom(
      '\x1b[0m',
      '\x1b[?25l',
      '\x1b]0;t\x07',
      '\x1b]2;{"\x1b\\',
      '\x1bPq\x1b\\',
      '\x1b(B',
      '\r',
      '\b',
    );
    const noise = fc.array(sequences).map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        noise,
        fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { minKeys: 1 }),
        noise,
        (a, value, b) => {
          const text = JSON.stringify(value);
          expect(terminalLines(`${a}${text}${b}`)).toEqual([text]);
        },
      ),
    );
  });

  it.each(['\x1b[', '\x1b]', '\x1bP', '\x1b[0', '\x1b[0 ', '\x1b', '{"', 'x{"}', '0', ' ', '\x1b]x\x1b'])(
    'takes linear time for eight megabytes of %j',
    (piece) => {
      const long = piece.repeat((8 * 1024 * 1024) / piece.length);
      for (const line of [long, `\x1b[${long}`, `\x1b]${long}`, `\x1bP${long}`]) {
        const began = performance.now();
        terminalLines(`${line}}`);
        // Quadratic, it would be hours.
        expect(performance.now() - began).toBeLessThan(10_000);
      }
    },
  );
});

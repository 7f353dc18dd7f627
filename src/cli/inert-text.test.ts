import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inertJson, inertLine, inertText } from './inert-text.ts';

const attacks: [string, string, string][] = [
  ['OSC 52, which fills the clipboard', '\u001b]52;c;ZXZpbA==\u0007', '␛]52;c;ZXZpbA==␇'],
  [
    'OSC 8, which makes a link',
    '\u001b]8;;http://evil\u001b\\text\u001b]8;;\u001b\\',
    '␛]8;;http://evil␛\\text␛]8;;␛\\',
  ],
  ['OSC 0, which sets the title', '\u001b]0;root\u0007', '␛]0;root␇'],
  ['DCS', '\u001bP$q"p\u001b\\', '␛P$q"p␛\\'],
  ['cursor moves and colours', '\u001b[2A\u001b[2K\u001b[31m', '␛[2A␛[2K␛[31m'],
  ['CSI as one C1 character', '\u009b2J', '<U+009B>2J'],
  ['a carriage return that overwrites the line', 'rm -rf /\rls', 'rm -rf /␍ls'],
  ['a backspace', 'a\bb', 'a␈b'],
  ['a bidi override', 'user\u202enimda', 'user<U+202E>nimda'],
  ['bidi isolates', '\u2066x\u2069', '<U+2066>x<U+2069>'],
  ['NUL and DEL', '\u0000\u007f', '␀␡'],
];

describe('inertText', () => {
  it.each(attacks)('shows %s', (_name, text, shown) => {
    expect(inertText(text)).toBe(shown);
  });

  it('leaves everything else as it is', () => {
    const text = 'a\tb\nÄ 漢字 🙂 👩‍👩‍👧 e\u0301\n';
    expect(inertText(text)).toBe(text);
    expect(inertText('a\r\nb')).toBe('a\nb');
  });

  it('is safe for any text, however it is cut', () => {
    const controls = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u;
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...attacks.map(([, text]) => text)))),
        (pieces) => {
          expect(pieces.map(inertText).join('')).not.toMatch(controls);
          expect(inertLine(pieces.join(''))).not.toMatch(/[\n\t]/);
        },
      ),
    );
  });
});

describe('inertJson', () => {
  it('is on one line, harmless, and equal to what went in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = inertJson({ text });
        // eslint-disable-next-line no-control-regex
        expect(json).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });
});

import { expect, test } from 'vitest';
import { hang, say, script, scriptFile } from '../script.ts';
import { readPromptScript, readScript } from './read-script.ts';

test('a script is a list of steps, or one per turn', () => {
  expect(readScript(script(say('a')))).toEqual({ start: [], turns: [[say('a')]] });
  expect(readScript(scriptFile({ start: [hang()], turns: [[say('a')], []] }))).toEqual({
    start: [hang()],
    turns: [[say('a')], []],
  });
});

test('a prompt is a script only if it is an object with steps', () => {
  for (const prompt of ['hello', '{"steps": ', '{}', '[]', '"steps"', '{"turns": []}']) {
    expect(readPromptScript(prompt)).toBeNull();
  }
  expect(readPromptScript(` ${script(say('a'))}`)).toEqual([say('a')]);
  expect(readPromptScript('{"comment": "for people", "steps": []}')).toEqual([]);
});

test.each([
  ['[]', 'A script is a JSON object with "steps" or "turns"'],
  ['{"steps": {}}', '"steps" must be a list'],
  ['{"turns": {}}', '"turns" must be a list of lists of steps'],
  ['{"steps": [], "turns": []}', 'A script has either "steps" or "turns", not both'],
  ['{"stesp": []}', 'The script has the unknown field "stesp"; known are comment, start, steps, turns'],
  ['{"steps": ["say"]}', 'Step 1 must be an object with one verb, such as {"say": {"text": "hello"}}'],
  [
    '{"steps": [{"hang": {}, "end": {}}]}',
    'Step 1 must be an object with one verb, such as {"say": {"text": "hello"}}',
  ],
  ['{"steps": [{"hang": {}}, {"say": "a"}]}', 'Step 2 ("say") must hold an object with its fields'],
  ['{"steps": [{"say": {}}]}', 'Step 1 ("say") needs "text", a string'],
  ['{"steps": [{"say": {"text": 1}}]}', 'Step 1 ("say") has "text": 1, which must be a string'],
  ['{"steps": [{"hang": {"ms": 1}}]}', 'Step 1 ("hang") has the unknown field "ms"; known are none'],
  [
    '{"steps": [{"sleep": {"ms": -1}}]}',
    'Step 1 ("sleep") has "ms": -1, which must be a whole number that is not negative',
  ],
  ['{"steps": [{"kill": {"signal": 9}}]}', 'Step 1 ("kill") has "signal": 9, which must be the name of a signal'],
  ['{"steps": [{"__proto__": {}}]}', 'Step 1 has the unknown verb "__proto__"; known are say, think'],
  ['{"steps": [{"toString": {}}]}', 'Step 1 has the unknown verb "toString"; known are say, think'],
])('%s is refused with a sentence', (text, message) => {
  expect(() => readScript(text)).toThrow(message);
});

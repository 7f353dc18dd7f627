import { kinds } from './kinds.ts';
import type { FieldType, Kinds, Step, Verb } from './vocabulary.ts';
import { vocabulary } from './vocabulary.ts';

/** A script file: what is played for each prompt, and before the first byte. */
export interface Script {
  /** Played before `hello`: an agent that hangs, dies or prints rubbish before it has said anything. */
  readonly start: readonly Step[];
  /** One list of steps per prompt; the last one serves all prompts after it. Empty: the demonstration. */
  readonly turns: readonly (readonly Step[])[];
}

export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

/** Reads the text of a script file: `{"steps": […]}` or `{"turns": [[…], […]]}`, either with `"start": […]`. */
export function readScript(text: string): Script {
  const script = parseObject(text);
  if (script === null) throw new ScriptError('A script is a JSON object with "steps" or "turns"');
  refuseUnknownKeys(script, ['comment', 'start', 'steps', 'turns'], 'The script');
  if (script['steps'] !== undefined && script['turns'] !== undefined) {
    throw new ScriptError('A script has either "steps" or "turns", not both');
  }
  const turns = script['turns'] ?? (script['steps'] === undefined ? [] : [script['steps']]);
  if (!Array.isArray(turns)) throw new ScriptError('"turns" must be a list of lists of steps');
  return { start: readSteps(script['start'] ?? []), turns: turns.map(readSteps) };
}

/** The steps of a prompt that is itself a script `{"steps": […]}`; null where it is a prompt like any other. */
export function readPromptScript(prompt: string): readonly Step[] | null {
  const script = prompt.trimStart().startsWith('{') ? parseObject(prompt) : null;
  if (script === null || script['steps'] === undefined) return null;
  refuseUnknownKeys(script, ['comment', 'steps'], 'The script');
  return readSteps(script['steps']);
}

function readSteps(value: unknown): readonly Step[] {
  if (!Array.isArray(value)) throw new ScriptError('"steps" must be a list');
  return value.map((step, index) => readStep(step, `Step ${index + 1}`));
}

function readStep(value: unknown, place: string): Step {
  const step = asObject(value);
  const [verb, ...more] = Object.keys(step ?? {});
  if (step === null || verb === undefined || more.length > 0) {
    throw new ScriptError(`${place} must be an object with one verb, such as {"say": {"text": "hello"}}`);
  }
  if (!isVerb(verb)) {
    throw new ScriptError(`${place} has the unknown verb "${verb}"; known are ${Object.keys(vocabulary).join(', ')}`);
  }
  checkFields(step[verb], vocabulary[verb], `${place} ("${verb}")`);
  return step as unknown as Step;
}

function checkFields(value: unknown, fields: Readonly<Record<string, FieldType>>, place: string): void {
  const given = asObject(value);
  if (given === null) throw new ScriptError(`${place} must hold an object with its fields`);
  refuseUnknownKeys(given, Object.keys(fields), place);
  for (const [name, type] of Object.entries(fields)) {
    if (given[name] === undefined && type.endsWith('?')) continue;
    const kind = kinds[type.replace('?', '') as keyof Kinds];
    if (given[name] === undefined) throw new ScriptError(`${place} needs "${name}", ${kind.name}`);
    if (!kind.holds(given[name])) {
      throw new ScriptError(`${place} has "${name}": ${JSON.stringify(given[name])}, which must be ${kind.name}`);
    }
  }
}

function refuseUnknownKeys(object: Record<string, unknown>, known: readonly string[], place: string): void {
  const unknown = Object.keys(object).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new ScriptError(`${place} has the unknown field "${unknown}"; known are ${known.join(', ') || 'none'}`);
}

function isVerb(name: string): name is Verb {
  return Object.hasOwn(vocabulary, name);
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { eventData, type NewEvent } from '../../src/contracts/events.ts';
import type { Driver, Intent, Line, Translation } from '../../src/agents/driver.ts';

export interface Exercise<Options extends object> {
  /** Options that use everything a profile can say, secrets included. */
  readonly options: Options;
  /** What must never stand in an argv. */
  readonly secrets: readonly string[];
  /** Recorded output of the agent, by the name of the recording. */
  readonly recordings: ReadonlyMap<string, readonly Line[]>;
}

/** What every driver must be able to do, whatever its agent: the supervisor relies on no more and no less than this. */
export function exerciseDriver<State, Options extends object>(
  driver: Driver<State, Options>,
  exercise: Exercise<Options>,
): void {
  const agent = { options: exercise.options, transport: 'pipe' } as const;
  describe(`the driver "${driver.name}"`, () => {
    it('knows its options, and refuses others', () => {
      expect(driver.options.safeParse(exercise.options).success).toBe(true);
      expect(driver.options.safeParse({ ...exercise.options, noSuchOption: 1 }).success).toBe(false);
      expect(driver.options.safeParse({}).success).toBe(true);
    });

    it('starts an absolute program, with no prompt and no secret in its argv', () => {
      const { argv, env } = driver.command({
        options: exercise.options,
        host: { env: { PATH: '/usr/bin', HOME: '/home/me', UNRELATED_SECRET: 'not yours' } },
        program: '/opt/agent',
        nativeSessionId: '11111111-2222-3333-4444-555555555555',
        transport: 'pipe',
      });
      expect(argv[0]).toBe('/opt/agent');
      for (const secret of exercise.secrets) expect(argv.join('\0')).not.toContain(secret);
      expect(env['PATH']).toBe('/usr/bin');
      expect(Object.values(env)).not.toContain('not yours');
    });

    it('refuses a relative command of a profile rather than find it in a workspace', () => {
      const located = driver.locate({ ...exercise.options, command: './agent' }, { env: { PATH: '/usr/bin' } });
      if (located.path !== null) expect(located.path).toMatch(/^\//);
    });

    it('writes whole lines under keys of their own', () => {
      const turn = { key: 'turn-1', prompt: 'two\nlines' };
      const said = { key: 'said-1', prompt: 'more\nlines' };
      const question = { permissionId: 'question-1', rawInput: { text: 'two\nlines' } };
      const messages = [
        ...driver.opening(),
        driver.prompt(turn, agent),
        driver.interrupt?.(turn),
        driver.steer?.(turn, said),
        driver.answer?.(question, { decision: 'deny', message: 'two\nlines' }),
      ].filter((message) => message != null);
      expect(new Set(messages.map(({ key }) => key)).size).toBe(messages.length);
      for (const { text } of messages) expect(text.indexOf('\n')).toBe(text.length - 1);
    });

    it('can what it says that it can', () => {
      const { capabilities } = driver;
      expect(driver.steer !== undefined).toBe(capabilities.steer);
      expect(driver.answer !== undefined).toBe(capabilities.permissions);
      // Without words of its own for it, the agent gets a signal.
      if (driver.interrupt !== undefined) expect(capabilities.interrupt).toBe(true);
    });

    it('tells each turn by its own key', () => {
      const keyOf = (key: string) => [driver.prompt({ key, prompt: 'x' }, agent)?.key, driver.interrupt?.({ key }).key];
      const keys = [...keyOf('turn-1'), ...keyOf('turn-2')].filter((key) => key !== undefined);
      expect(new Set(keys).size).toBe(keys.length);
    });

    it('answers a question under one key, whoever answers it and how', () => {
      const question = { permissionId: 'question-1', rawInput: { a: 1 } };
      const answers = [
        driver.answer?.(question, { decision: 'allow' }),
        driver.answer?.(question, { decision: 'allow', updatedInput: { a: 2 } }),
        driver.answer?.(question, { decision: 'deny' }),
        driver.answer?.(question, { decision: 'deny', message: 'no' }),
      ].filter((answer) => answer !== undefined);
      expect(new Set(answers.map(({ key }) => key)).size).toBe(Math.min(1, answers.length));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(answers.length);
    });

    it('begins with a state that survives JSON', () => {
      for (const id of [undefined, null, 'reopened'])
        expect(throughJson(driver.initialState(id))).toEqual(driver.initialState(id));
    });

    it.each([
      '',
      ' ',
      '{',
      '{}',
      '[]',
      'null',
      '{"type":null}',
      '{"type":"constructor"}',
      '{"type":"__proto__"}',
      '\0',
      '\uFFFD',
    ])('takes the line %j without throwing', (text) => {
      for (const stream of ['stdout', 'stderr'] as const) {
        expectLawful(driver, driver.translate(driver.initialState(), { stream, text }));
      }
    });

    it.each([
      { code: 0, signal: null },
      { code: 1, signal: null },
      { code: null, signal: 'SIGKILL' },
      { code: null, signal: null },
    ])('never concludes success from the exit %j alone', (exit) => {
      const conclusion = driver.conclude(driver.initialState(), exit);
      expect(conclusion.outcome).not.toBe('succeeded');
      expect(conclusion.message).not.toBeNull();
      expect(conclusion.answer === '').toBe(conclusion.answerSource === 'none');
    });

    describe.each([...exercise.recordings])('given the recording "%s"', (_name, lines) => {
      it('translates without touching what it is given, into events and states that are lawful', () => {
        let state = deepFrozen(driver.initialState());
        for (const line of lines) {
          const translation = driver.translate(state, deepFrozen({ ...line }));
          expectLawful(driver, translation);
          state = deepFrozen(translation.state);
        }
      });

      it('says the same when the server dies after every line', () => {
        expect(translated(driver, lines, throughJson)).toEqual(translated(driver, lines, (state) => state));
      });

      it('goes on after a part of any line was taken for a whole one', () => {
        let state = driver.initialState();
        for (const line of lines) {
          const half = driver.translate(state, { ...line, text: line.text.slice(0, line.text.length >> 1) });
          expectLawful(driver, half);
          state = driver.translate(state, line).state;
        }
      });
    });
  });
}

function expectLawful<State>(driver: Driver<State>, { state, events, intents }: Translation<State>): void {
  expect(throughJson(state)).toEqual(state);
  expect(JSON.stringify(state).length).toBeLessThan(stateLimit);
  for (const event of events) expectEvent(event);
  for (const intent of intents) {
    if (intent.type === 'permission_requested' || intent.type === 'permission_withdrawn') {
      expectTold(intent.permissionId, events);
    }
    if (intent.type !== 'turn_ended') continue;
    expect(intent.outcome === 'failed').toBe(intent.reason !== null);
    expect(intent.outcome === 'succeeded').toBe(intent.message === null);
    expect(intent.answer === '').toBe(intent.answerSource === 'none');
    if (driver.isTurnOpen !== undefined) expect(driver.isTurnOpen(state)).toBe(false);
  }
}

/** The line that asks, or takes back, also says so in an event. */
function expectTold(permissionId: string, events: readonly NewEvent[]): void {
  const told = events.filter(({ data }) => 'permissionId' in data && data.permissionId === permissionId);
  expect(told).toHaveLength(1);
}

/** A state is committed with every batch of lines. */
const stateLimit = 256 * 1024;

function expectEvent({ type, data }: NewEvent): void {
  const parsed = eventData[type].parse(data);
  // Nothing beside the schema, and nothing that JSON would lose on the way to a reader.
  if (!isDeepStrictEqual(parsed, throughJson(data))) expect({ type, data }).toEqual({ type, data: parsed });
}

function translated<State>(
  driver: Driver<State>,
  lines: readonly Line[],
  survive: (state: State) => State,
): { events: NewEvent[]; intents: Intent[] } {
  const events: NewEvent[] = [];
  const intents: Intent[] = [];
  let state = survive(driver.initialState());
  for (const line of lines) {
    const translation = driver.translate(state, line);
    events.push(...translation.events);
    intents.push(...translation.intents);
    state = survive(translation.state);
  }
  return { events, intents };
}

function throughJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

function deepFrozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFrozen);
  }
  return value;
}

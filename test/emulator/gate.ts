/** Holds a stream at a known place until the test lets it go: a signal in both directions, so that nothing sleeps. */
export interface Gate {
  /** Resolves when a stream has got to the gate, everything before it written to the socket. */
  readonly reached: Promise<void>;
  /** Resolves when the gate is opened; at once when it already is. */
  readonly opened: Promise<void>;
  /** Called by the emulator. */
  reach(): void;
  /** Lets every stream that waits here, or comes here later, go on. */
  open(): void;
}

/**
 * @example
 * const gate = createGate();
 * emulator.script('turn', [{ content: [{ type: 'text', text: 'a b' }], gate: { afterEvents: 3, until: gate } }]);
 * await gate.reached; // the agent is in mid turn, for as long as the test likes
 * gate.open();
 */
export function createGate(): Gate {
  const reached = Promise.withResolvers<undefined>();
  const opened = Promise.withResolvers<undefined>();
  return {
    reached: reached.promise,
    opened: opened.promise,
    reach: () => reached.resolve(undefined),
    open: () => opened.resolve(undefined),
  };
}

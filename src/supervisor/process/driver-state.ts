import type { Driver } from '../../agents/driver.ts';

/** The translator's state as it is stored with the offset that it belongs to. */
export function writeDriverState(value: unknown, driver: Driver): string {
  return JSON.stringify({ version: driver.stateVersion, value });
}

/** A state that another version of the driver wrote is not guessed at: translation begins afresh from here on. */
export function readDriverState(
  text: string,
  driver: Driver,
  nativeSessionId: string | null,
  processId: string,
): unknown {
  const { version, value } = JSON.parse(text) as { version: number; value: unknown };
  return version === driver.stateVersion ? value : driver.initialState(nativeSessionId, processId);
}

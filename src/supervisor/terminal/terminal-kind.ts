import type { Driver } from '../../agents/driver.ts';
import type { Transport } from '../../contracts/transport.ts';

/** What an agent of this driver has a terminal for; null where it has none. */
export function terminalKind(
  driver: Pick<Driver, 'terminal'> | undefined,
  transport: Transport,
): 'lines' | 'screen' | null {
  return transport === 'pty' ? (driver?.terminal ?? 'lines') : null;
}

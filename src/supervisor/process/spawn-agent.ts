import type { Launch } from '../../agents/driver.ts';
import type { HolderLaunch } from '../../holder/spawn-holder.ts';
import { spawnHolder } from '../../holder/spawn-holder.ts';
import type { ProcessRow, SessionRow } from '../../store/rows.ts';
import type { Parts } from '../parts.ts';
import { processCgroup, processDirectory } from './process-place.ts';
import { terminalKind } from '../terminal/terminal-kind.ts';

/** Has a holder start the agent of a process in the directory of its session; at most once, however often it is called. */
export async function spawnAgent(
  { holderBinary, cgroupRoot, config, drivers }: Pick<Parts, 'holderBinary' | 'cgroupRoot' | 'config' | 'drivers'>,
  { id, transport, driver }: Pick<ProcessRow, 'id' | 'transport' | 'driver'>,
  { workspacePath }: Pick<SessionRow, 'workspacePath'>,
  { argv, env, stdin }: Launch,
  onExit: () => void,
): Promise<HolderLaunch> {
  const kind = terminalKind(drivers.get(driver), transport);
  return await spawnHolder({
    binary: holderBinary,
    directory: processDirectory(config.dataDir, id),
    mode: transport,
    // Not a word of it where there is none: a holder of another release may not know the option.
    ...(kind !== null && { terminal: kind === 'screen' ? 'cooked' : 'stdout' }),
    stdin,
    cwd: workspacePath,
    argv,
    env: { ...env, DROVER_PROCESS_ID: id },
    graceMs: config.stopGraceMs,
    cgroup: processCgroup(cgroupRoot, id),
    onExit,
  });
}

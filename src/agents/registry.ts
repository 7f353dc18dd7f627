import { AppError } from '../kernel/app-error.ts';
import type { Driver } from './driver.ts';

/** The drivers by name; the composition root gives them, nobody else names one. */
export type Registry = ReadonlyMap<string, Driver>;

export function createRegistry(drivers: readonly Driver[]): Registry {
  const registry = new Map<string, Driver>();
  for (const driver of drivers) {
    if (registry.has(driver.name)) throw new Error(`Two drivers are named "${driver.name}"`);
    registry.set(driver.name, driver);
  }
  return registry;
}

/** @throws AppError `invalid_request` that names the drivers there are. */
export function findDriver(registry: Registry, name: string): Driver {
  const driver = registry.get(name);
  if (driver !== undefined) return driver;
  const known = [...registry.keys()].join(', ');
  throw new AppError('invalid_request', `There is no driver "${name}"; choose one of: ${known}`);
}

import type { Migration } from './migrate.ts';
import { initial } from './migrations/0001-initial.ts';
import { upkeep } from './migrations/0002-upkeep.ts';
import { eventsByPlace } from './migrations/0003-events-by-place.ts';
import { processOffsets } from './migrations/0004-process-offsets.ts';
import { controls } from './migrations/0005-controls.ts';

/** In order; the schema's version is how many of them have been applied. One that was published is never changed again. */
export const migrations: readonly Migration[] = [initial, upkeep, eventsByPlace, processOffsets, controls];

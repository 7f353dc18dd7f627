import { describe } from 'vitest';
import { exerciseEvents } from './exercise-events.ts';
import { exerciseLives } from './exercise-lives.ts';
import { exercisePruning } from './exercise-pruning.ts';
import { exerciseRows } from './exercise-rows.ts';
import type { StorePlace } from './store-place.ts';

/** What every implementation of the Store port must do; `createPlace` is called once for each test and cleans up after it. */
export function exerciseStore(name: string, createPlace: () => StorePlace): void {
  describe(`${name} keeps the contract of a store`, () => {
    exerciseRows(createPlace);
    exerciseEvents(createPlace);
    exercisePruning(createPlace);
    exerciseLives(createPlace);
  });
}

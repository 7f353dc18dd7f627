import type { Scenario } from '../scenario.ts';
import { agents200 } from './agents-200.ts';
import { agents500 } from './agents-500.ts';
import { firstTextClaude, flatClaude } from './claude.ts';
import { coldStart } from './cold-start.ts';
import { exec } from './exec.ts';
import { flatScenarios } from './flat.ts';
import { flood10 } from './flood-10.ts';
import { install } from './install.ts';
import { latency } from './latency.ts';
import { memory } from './memory.ts';
import { readers1000 } from './readers-1000.ts';
import { readopt200 } from './readopt-200.ts';
import { replay } from './replay.ts';
import { secondTurnFirstText, warmFirstText } from './warm-claude.ts';

/** In the order in which they run. */
export const allScenarios: readonly Scenario[] = [
  latency,
  exec,
  firstTextClaude,
  warmFirstText,
  secondTurnFirstText,
  ...flatScenarios,
  flatClaude,
  flood10,
  replay,
  agents200,
  readers1000,
  agents500,
  readopt200,
  coldStart,
  memory,
  install,
];

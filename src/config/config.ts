import { z } from 'zod';
import { GivenPolicy, longestPermissionDeadlineMs } from '../contracts/policy.ts';
import { Transport } from '../contracts/transport.ts';
import { hosts, logLevels } from './choices.ts';

const PermissionDeadline = z.int().min(1000).max(longestPermissionDeadlineMs);

const longestTimerMs = 2_147_483_647;
const Limit = z.int().min(1_000).max(longestTimerMs).nullable();

/** How long a run may hang, or take, in milliseconds; null: for ever. What it is paused does not count. */
export const LimitsConfig = z.strictObject({
  /** The agent writes nothing and its processes use no CPU. */
  silenceMs: Limit.default(600_000),
  /** Nothing that means anything comes from it; CPU counts only while a tool call is open. */
  progressMs: Limit.default(900_000),
  /** The whole run. */
  totalMs: Limit.default(null),
});

/** Processes that stay after a run for the next one of their session. */
export const WarmConfig = z.strictObject({
  /** How long one stays without work, in milliseconds. */
  idleMs: z.int().min(0).max(longestTimerMs).default(300_000),
  /** How many stay at most, over all sessions; whichever has had no work for longest goes first. 0: none. */
  maxProcesses: z.int().min(0).default(8),
  /** What they may use together, in bytes; null: no limit. */
  maxMemoryBytes: z.int().min(0).nullable().default(2_147_483_648),
});

/** A profile as it is configured: which driver, and that driver's own options (checked by the driver itself). */
export const ProfileConfig = z.strictObject({
  driver: z.string().min(1),
  options: z.record(z.string(), z.unknown()).default({}),
  /** What its agents may do; asked before the server's own, which holds where this says nothing. */
  permissions: GivenPolicy.optional(),
  /** In the place of the server's. */
  permissionDeadlineMs: PermissionDeadline.optional(),
  /** What of it is not said here, the server's limits say. */
  limits: z
    .strictObject({ silenceMs: Limit.optional(), progressMs: Limit.optional(), totalMs: Limit.optional() })
    .optional(),
  /** Whether the agent gets files and a pipe, or a terminal. */
  transport: Transport.default('pipe'),
});
export type ProfileConfig = z.infer<typeof ProfileConfig>;

const Days = z.number().min(0).max(36_500).nullable();

/** How long is kept what could grow for ever, in days; null: for ever. */
export const RetentionConfig = z.strictObject({
  /** The agents' own bytes, from the end of their process on. */
  rawLogDays: Days.default(30),
  /** The events of sessions, but for those of runs that have not ended. */
  eventDays: Days.default(null),
});

/** The whole configuration of a server. Every key has a default; unknown keys are refused. */
export const Config = z.strictObject({
  /** Absolute path; where everything lasts that the server knows. */
  dataDir: z.string().startsWith('/', { error: 'Expected an absolute path' }),
  host: z.enum(hosts).default('127.0.0.1'),
  /** 0 lets the system choose. */
  port: z.int().min(0).max(65535).default(4870),
  logLevel: z.enum(logLevels).default('info'),
  /** How many agents run at the same time, over all sessions. */
  maxRunningAgents: z.int().min(1).default(50),
  /** What an agent may print in the life of one process, in bytes; it is stopped when it has printed more. Null: no limit. */
  maxOutputBytes: z.int().min(1).nullable().default(4_294_967_296),
  /** How long an agent may take to leave when it is told to stop, before it is killed. */
  stopGraceMs: z.int().min(0).default(5_000),
  /** How long an agent may take to leave by itself after its turn has ended. */
  closeGraceMs: z.int().min(0).default(10_000),
  /** How long an agent may take to end its turn when it is asked to in its own words, before it gets a SIGINT. */
  interruptGraceMs: z.int().min(0).default(5_000),
  limits: LimitsConfig.prefault({}),
  warm: WarmConfig.prefault({}),
  /** What agents may do where neither run, session nor profile says it. */
  permissions: GivenPolicy.default('deny'),
  /** How long an agent waits for an answer to a question before the default is given. */
  permissionDeadlineMs: PermissionDeadline.default(300_000),
  retention: RetentionConfig.prefault({}),
  profiles: z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, { error: 'Expected a name of a-z, 0-9, ".", "_", "-"' }),
      ProfileConfig,
    )
    .default({
      claude: { driver: 'claude', options: { permissionMode: 'acceptEdits' }, transport: 'pipe' },
      scripted: { driver: 'scripted', options: {}, transport: 'pipe' },
    }),
});
export type Config = z.infer<typeof Config>;

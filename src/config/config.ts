import { z } from 'zod';
import { hosts, logLevels } from './choices.ts';

/** A profile as it is configured: which driver, and that driver's own options (checked by the driver itself). */
export const ProfileConfig = z.strictObject({
  driver: z.string().min(1),
  options: z.record(z.string(), z.unknown()).default({}),
  /** What is answered when the agent asks for a permission. */
  permissions: z.enum(['deny', 'allow']).default('deny'),
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
  retention: RetentionConfig.prefault({}),
  profiles: z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, { error: 'Expected a name of a-z, 0-9, ".", "_", "-"' }),
      ProfileConfig,
    )
    .default({
      claude: { driver: 'claude', options: { permissionMode: 'acceptEdits' }, permissions: 'deny' },
      scripted: { driver: 'scripted', options: {}, permissions: 'deny' },
    }),
});
export type Config = z.infer<typeof Config>;

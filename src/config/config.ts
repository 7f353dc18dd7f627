import { z } from 'zod';

/** A profile as it is configured: which driver, and that driver's own options (checked by the driver itself). */
export const ProfileConfig = z.strictObject({
  driver: z.string().min(1),
  options: z.record(z.string(), z.unknown()).default({}),
  /** What is answered when the agent asks for a permission. */
  permissions: z.enum(['deny', 'allow']).default('deny'),
});
export type ProfileConfig = z.infer<typeof ProfileConfig>;

/** The whole configuration of a server. Every key has a default; unknown keys are refused. */
export const Config = z.strictObject({
  /** Absolute path; where everything lasts that the server knows. */
  dataDir: z.string().startsWith('/', { error: 'Expected an absolute path' }),
  /** Loopback only, until authentication for others is configured. */
  host: z.enum(['127.0.0.1', '::1', 'localhost']).default('127.0.0.1'),
  /** 0 lets the system choose. */
  port: z.int().min(0).max(65535).default(4870),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** How many agents run at the same time, over all sessions. */
  maxRunningAgents: z.int().min(1).default(50),
  /** How long an agent may take to leave when it is told to stop, before it is killed. */
  stopGraceMs: z.int().min(0).default(5_000),
  /** How long an agent may take to leave by itself after its turn has ended. */
  closeGraceMs: z.int().min(0).default(10_000),
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

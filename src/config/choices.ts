/*
 * What some settings may be. They stand apart from the schema because `drover --help` tells them, and loads no schemas for that
 * (docs/adr/0013).
 */

/** Loopback only, until authentication for others is configured. */
export const hosts = ['127.0.0.1', '::1', 'localhost'] as const;

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

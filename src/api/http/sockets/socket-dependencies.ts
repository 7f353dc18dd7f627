import type { HttpDependencies } from '../api.ts';

/** What the sockets need of the rest of the house. */
export type SocketDependencies = Pick<HttpDependencies, 'supervisor' | 'log' | 'logger' | 'clock'> & {
  /** Aborted as soon as the server is told to stop. */
  readonly shutdown: AbortSignal;
};

/**
 * What any agent may have of the server's own environment: where programs, home and certificates are, which proxy to use. All else,
 * the server's secrets first, stays out; a driver adds its agent's own variables.
 */
const names = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TERM',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
];

export type Environment = Readonly<Record<string, string | undefined>>;

export function baseEnvironment(env: Environment): Record<string, string> {
  const base = new Set(names);
  return selectEnvironment(env, (name) => base.has(name));
}

/** The variables that are set and wanted, in the order of their names, so that equal environments are equal text. */
export function selectEnvironment(env: Environment, isWanted: (name: string) => boolean): Record<string, string> {
  const selected: Record<string, string> = {};
  for (const name of Object.keys(env).sort()) {
    const value = env[name];
    if (value !== undefined && isWanted(name)) selected[name] = value;
  }
  return selected;
}

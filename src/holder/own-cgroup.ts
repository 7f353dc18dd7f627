import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Directory of the cgroup (v2) that this process is in, null without cgroup v2. Below it is what a service manager delegates to us. */
export function ownCgroup(): string | null {
  const mount = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find((fields) => fields[2] === 'cgroup2')?.[1];
  const own = /^0::(\/.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  return mount === undefined || own === undefined ? null : join(mount, own);
}

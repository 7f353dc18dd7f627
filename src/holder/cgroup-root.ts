import type { Probe } from './probe.ts';

/** The path below which each process gets a cgroup of its own, such as "/sys/fs/cgroup/drover"; null where that does not work. */
export function cgroupRoot({ cgroup }: Pick<Probe, 'cgroup'>): string | null {
  return cgroup.writable && cgroup.kill && cgroup.freeze ? cgroup.root : null;
}

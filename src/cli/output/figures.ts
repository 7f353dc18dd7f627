/** A number of bytes as people say it: "512 B", "1.2 GB"; a kB is 1000 bytes. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (Number(value.toFixed(1)) < 1000) return `${shortNumber(value, unit === 'B')} ${unit}`;
    value /= 1000;
  }
  return `${shortNumber(value, false)} TB`;
}

/** A length of time as people say it: "0.4s", "12s", "3m 12s", "2h 5m", "3d 4h". */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m ${whole % 60}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

function shortNumber(value: number, isWhole: boolean): string {
  return isWhole || value >= 99.95 ? value.toFixed(0) : value.toFixed(1);
}
